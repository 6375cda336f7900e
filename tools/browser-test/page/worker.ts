import { useEngine } from '@sifaka/backend';
import { trainSteps } from '../src/train-steps.js';

// No await here: Vite's default format of a worker's script does not allow it.
useEngine()
  .then(() => postMessage(trainSteps()))
  .catch(reportError);
