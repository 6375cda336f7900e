export { ABLATION_ROWS } from './ablation-rows.js';
export { type Command, type DemoArguments, type Preset, readArguments } from './arguments.js';
export type { DemoEnvironment } from './demo-run.js';
export {
  type EmbeddedData,
  type PosterProgress,
  type PrepareEmbeddedDataOptions,
  prepareEmbeddedData,
} from './embedded-data.js';
export { HELP } from './help.js';
export { type LoadMovieLensOptions, loadMovieLens } from './load-movielens.js';
export { GENRE_MOTIFS, type GenreMotif } from './posters/genre-motifs.js';
export { type MovieTitle, parseMovieTitle } from './posters/movie-title.js';
export { type PosterOptions, posterSvg, renderPoster } from './posters/render-poster.js';
export { processFolders } from './process-folders.js';
export { DEFAULT_EM3_ROWS, EM3_ROW_NAMES, RANKING_MODELS, type RankingModel, rankingRows } from './ranking-models.js';
export { runDemo } from './run-demo.js';
export { type TrainingLength, trainingLength } from './training-length.js';
