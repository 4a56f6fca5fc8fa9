// Who else is before the sensor? Of two faces the larger one would be taken, and nobody could tell whether it was meant: so what is left beside
// the face that was found is looked at too. Told by place, not by what is connected: people who stand close are one piece.
import { movedX, movedY, moveTo } from "./align";
import { gridColumns, gridFactor, gridRows } from "./grid";
import { lookThrough, rayX, rayY } from "./rays";

/** Half the breadth of what a head takes up, seen from its front, with its hair: nobody else's nose is so near. Below are shoulders, mm. */
const BREADTH: f32 = 100;
const LOWEST: f32 = -110;

/** Leaves of the grid (f32 mm) what lies on either side of the head whose face `pose` takes to the canonical frame. `point`: 12 bytes of work space. */
export function leaveSides(grid: usize, pose: usize, point: usize): void {
  const f = gridFactor() as f32;
  const half: f32 = (f - 1) / 2;
  for (let y = 0; y < gridRows(); y++) {
    for (let x = 0; x < gridColumns(); x++, grid += 4) {
      const d = load<f32>(grid);
      if (d == 0) continue;
      lookThrough((x as f32) * f + half, (y as f32) * f + half);
      store<f32>(point, rayX * d);
      store<f32>(point, rayY * d, 4);
      store<f32>(point, -d, 8);
      moveTo(pose, point);
      if (abs(movedX) < BREADTH || movedY < LOWEST) store<f32>(grid, 0);
    }
  }
}
