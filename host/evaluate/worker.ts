// The entry of an evaluation's thread.
import { parentPort, workerData } from "node:worker_threads";
import { type Setup, serve } from "./work.ts";

if (parentPort !== null) serve(parentPort, workerData as Setup);
