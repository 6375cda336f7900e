export { type CheckGradientOptions, checkGradient } from './check-gradient.js';
export { expectSeededModule } from './expect-seeded-module.js';
export { expectGoldenGradients, goldenTensors, readGolden } from './golden.js';
export { type HubServer, hubServer, type Misbehaviour, refuse, type SeenRequest } from './hub-server.js';
export { type NormalOptions, normal } from './normal.js';
export {
  PUBLISHED_IMAGE,
  PUBLISHED_SIDE,
  PUBLISHED_TEXT,
  PUBLISHED_TOKENS,
  type PublishedKind,
  writePublished,
} from './published-checkpoint.js';
export { readmeSnippets, runReadmeSnippets } from './readme-snippets.js';
export { toBeAllClose } from './to-be-all-close.js';
