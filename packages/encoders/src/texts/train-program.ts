/**
 * Program of the process that learns merges. Arguments: the library's file, its pipeline, the texts, the result, the
 * folder that holds these files, and the parent's id: a parent that is killed at once is no longer known as such.
 *
 * It runs in its own process, because the library draws progress bars on the terminal, prints blank lines to standard
 * output, aborts the process if that is closed (`| head`), and blocks the event loop. Nothing could stop such a process
 * after its parent was killed, so a thread watches for that, removes the folder and ends the process.
 */
export const TRAIN_PROGRAM = `
  const { Worker } = require('node:worker_threads');
  const [library, pipeline, corpus, trained, folder, parent] = process.argv.slice(1);
  const WATCH = \`
    const { rmSync } = require('node:fs');
    const { parentPort, workerData } = require('node:worker_threads');
    const isOrphan = () => {
      if (process.ppid !== workerData.parent) return true;
      try {
        process.kill(workerData.parent, 0);
        return false;
      } catch (error) {
        return error.code === 'ESRCH';
      }
    };
    const watch = () => {
      if (!isOrphan()) return;
      rmSync(workerData.folder, { recursive: true, force: true });
      process.kill(process.pid, 'SIGKILL');
    };
    watch(); // Before the library prints to an output that the parent has closed.
    setInterval(watch, 250);
    parentPort.postMessage('watching');
  \`;
  const watch = new Worker(WATCH, { eval: true, workerData: { parent: Number(parent), folder } });
  watch.once('message', () => {
    const { Tokenizer } = require(library);
    const tokenizer = Tokenizer.fromFile(pipeline);
    tokenizer.train([corpus]);
    tokenizer.save(trained);
    watch.terminate();
  });
`;
