export function locateBytes(width: i32, height: i32, form: i32): i32 {
  return 0;
}
export function locate(frame: usize, width: i32, height: i32, form: i32, scratch: usize, region: usize): i32 {
  let half: f32 = 0.5 * (min(width, height) as f32);
  store<f32>(region, 0.5 * (width as f32));
  store<f32>(region, 0.5 * (height as f32), 4);
  store<f32>(region, half, 8);
  store<f32>(region, 0, 12);
  store<f32>(region, 0, 16);
  store<f32>(region, half, 20);
  return 0;
}
