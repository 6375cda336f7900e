const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });

// The test waits for this promise.
Object.assign(globalThis, {
  report: new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  }),
});
