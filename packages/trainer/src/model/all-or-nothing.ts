import { engine } from '@tensorflow/tfjs-core';

/** Makes modules. If `make` throws, the variables that it has created by then are disposed. It must be synchronous. */
export function allOrNothing<Made>(make: () => Made): Made {
  const before = new Set(Object.keys(engine().registeredVariables));
  try {
    return make();
  } catch (error) {
    for (const [name, variable] of Object.entries(engine().registeredVariables)) {
      if (!before.has(name)) variable.dispose();
    }
    throw error;
  }
}
