// Threads that share an evaluation's work: each takes the next task when it has done one.
import { MessageChannel, Worker } from "node:worker_threads";
import { type Answer, type Setup, serve, type Task } from "./work.ts";

/** A thread, or the same code in this one; answers tasks in order. */
interface Peer {
  readonly port: {
    postMessage(task: Task): void;
    once(event: "message", listener: (answer: Answer) => void): unknown;
    once(event: "error", listener: (error: Error) => void): unknown;
    off(event: "error", listener: (error: Error) => void): unknown;
  };
  end(): void;
}

export class Pool {
  readonly #peers: Peer[];
  #broken = false;

  constructor(threads: number, setup: Setup) {
    // The sources run only under a test runner's transformation, which threads do not have: there the work is done in this thread.
    const compiled = !import.meta.url.endsWith(".ts");
    this.#peers = compiled ? Array.from({ length: threads }, () => thread(setup)) : [inline(setup)];
  }

  get threads(): number {
    return this.#peers.length;
  }

  /** Has every task done by some thread; `done` sees each answer. Fails at the first defect. */
  async run(tasks: Iterable<Task>, done: (answer: Answer, task: Task) => void): Promise<void> {
    const queue = tasks[Symbol.iterator]();
    await Promise.all(
      this.#peers.map(async (peer) => {
        for (let next = queue.next(); !next.done && !this.#broken; next = queue.next()) {
          done(await this.#ask(peer, next.value), next.value);
        }
      }),
    );
  }

  /** Has every thread do `task`. */
  async all(task: Task): Promise<void> {
    await Promise.all(this.#peers.map((peer) => this.#ask(peer, task)));
  }

  /** Wipes the threads' memory and ends them. */
  async close(): Promise<void> {
    if (!this.#broken) await this.all({ kind: "wipe" });
    for (const peer of this.#peers) peer.end();
  }

  #ask({ port }: Peer, task: Task): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        this.#broken = true;
        reject(error);
      };
      port.once("error", fail);
      port.once("message", (answer: Answer) => {
        port.off("error", fail);
        if (answer.defect === undefined) resolve(answer);
        else fail(new Error(answer.defect));
      });
      port.postMessage(task);
    });
  }
}

function thread(setup: Setup): Peer {
  const port = new Worker(new URL("worker.js", import.meta.url), { workerData: setup });
  return { port, end: () => void port.terminate() };
}

function inline(setup: Setup): Peer {
  const { port1, port2 } = new MessageChannel();
  serve(port2, setup);
  return { port: port1, end: () => port1.close() };
}
