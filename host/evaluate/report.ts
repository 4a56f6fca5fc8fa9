// The files of an evaluation: scores.csv and samples.csv for other people's tools, det.svg, histogram.svg, summary.json and report.html.
import { csvField } from "./csv.ts";
import { detPlot } from "./det-plot.ts";
import type { Evaluation } from "./evaluate.ts";
import { histogramPlot } from "./histogram-plot.ts";
import { MODALITIES, type ModalityName, measureOf, reasonWord } from "./modality.ts";
import type { Results } from "./output.ts";
import { reportHtml } from "./report-html.ts";
import type { Summary } from "./summary.ts";

/** Rows that are put together before they are written. */
const ROWS = 16384;

/**
 * Writes all files of `evaluation`; they appear when `results` is committed. `command` is the command line that made it, `debug` the
 * folder of the debug pictures relative to the report, where there are any.
 */
export async function writeReport(
  results: Results,
  evaluation: Evaluation,
  summary: Summary,
  command: string,
  debug?: string,
): Promise<void> {
  const { pairs, scores } = evaluation;
  const title = `${summary.modality}: ${summary.genuine.toLocaleString("en")} genuine, ${summary.impostor.toLocaleString("en")} impostor comparisons`;
  const det = detPlot(evaluation.accuracy, title);
  const histogram = histogramPlot(scores.subarray(0, pairs.genuine), scores.subarray(pairs.genuine), title);
  await results.write("scores.csv", scoreRows(evaluation));
  await results.write("samples.csv", sampleRows(evaluation, summary.modality));
  await results.write("det.svg", det);
  await results.write("histogram.svg", histogram);
  await results.write("summary.json", `${JSON.stringify(summary, null, 2)}\n`);
  await results.write("report.html", reportHtml({ evaluation, summary, command, det, histogram, debug }));
}

/** `probe,reference,genuine,score`: samples by their number in samples.csv; those of a reference joined by `;`; an empty score: no template. */
function* scoreRows({ pairs, scores }: Evaluation): Iterable<string> {
  yield "probe,reference,genuine,score\n";
  const names = pairs.members.map((members) => members.map((m) => m + 1).join(";"));
  for (let from = 0; from < scores.length; from += ROWS) {
    let rows = "";
    for (let i = from; i < Math.min(scores.length, from + ROWS); i++) {
      const score = scores[i]!;
      rows += `${pairs.probe[i]! + 1},${names[pairs.reference[i]!]},${i < pairs.genuine ? 1 : 0},${score < 0 ? "" : score}\n`;
    }
    yield rows;
  }
}

function* sampleRows({ dataSet, extractions }: Evaluation, name: ModalityName): Iterable<string> {
  const modality = MODALITIES[name];
  yield `sample,path,subject,position,session,failure,ms,${modality.measures.join(",")}\n`;
  for (const [i, sample] of dataSet.samples.entries()) {
    const { reason, ms, quality } = extractions[i]!;
    const measures = modality.measures.map((name) => measureOf(quality, name) ?? "");
    const fields = [
      sample.path,
      sample.subject,
      sample.position,
      sample.session,
      reason === 0 ? "" : reasonWord(reason),
    ].map(csvField);
    yield `${[i + 1, ...fields, ms.toFixed(2), ...measures].join(",")}\n`;
  }
}
