import { ENGINE_NAMES } from '@sifaka/backend';
import { DEFAULT_EM3_ROWS, EM3_ROW_NAMES, RANKING_MODELS } from './ranking-models.js';

const MODEL_LINES = RANKING_MODELS.map(({ name, what }) => `                       ${name.padEnd(21)} ${what}`).join(
  '\n',
);

const EM3_ROW_LINES = EM3_ROW_NAMES.map((name) => {
  const note = DEFAULT_EM3_ROWS.includes(name) ? '' : ' (only if named)';
  return `                       ${name}${note}`;
}).join('\n');

export const HELP: string = `Trains a recommender end to end from posters and text.

  npm start                                    ids alone, LEMUR and its control, on the embedded MovieLens
  npm run demo -- train --data DIR             one model on a folder in MovieLens's format
  npm run demo -- compare --data DIR           several models and seeds, with paired bootstrap
  npm run demo -- ablate --data DIR            the rows of LEMUR's tables: effect and cost of each part
  npm run demo -- em3 --data DIR               EM3 on each of several ranking models: effect and cost of its parts
  npm run demo -- baselines --data DIR         what popularity and logistic regressions reach, without training

A folder holds movies.csv (movieId, title, genres), ratings.csv (userId, movieId, rating, timestamp),
posters/MOVIE_ID.jpg and, optionally, overviews.csv (movieId, overview) and tags.csv (userId, movieId, tag, timestamp).
Without --data, the embedded data set is used.

  --preset NAME      lemur (default), twoStage, idOnly or em3; for compare a list such as lemur,em3,idOnly, default
                     lemur,twoStage,idOnly
  --models LIST      for em3: ranking models, default all:
${MODEL_LINES}
  --rows LIST        for ablate and em3: a list of row names; default all. Those of em3:
${EM3_ROW_LINES}
  --seed N           default 1; for compare, ablate and em3 a list, default 1,2,3
  --steps N          ranking steps; the default depends on the preset, and is 1500 for ablate and em3
  --epochs N         in place of --steps, for train, compare, ablate and em3: passes over the train part, with about
                     four validations in each
  --patience N       for the same: stop after N validations that are not better than the best; default: take all steps
  --select-by NAME   for the same: the figure of the validations whose best step is tested: auc (default of train), gauc
                     (by user) or gaucByVisit. Compare, ablate and em3 take gaucByVisit by default, or gauc with
                     --history-as-of event
  --batch-size N     default 256
  --task NAME        liked (default): tell ratings of 4 stars and more from lower ones; or watched: tell movies that the
                     user rated from three others for each, drawn from what others rated in the same quarter of a year
  --negatives WHICH  for watched, movies that are not drawn: ever (default), those that the user rated at any time; or
                     soFar, those rated up to the end of the visit. With ever, the negatives tell of the future: the
                     user rates no drawn movie later. With soFar the user rates some of them later
  --history-as-of T  visit (default): a model knows what was known when the visit began; or event: everything up to the
                     event. A visit is a user's ratings with gaps of at most 30 minutes. Default event if ratings.csv
                     has no times
  --split KIND       globalTime (default) or userTime
  --query SOURCE     input of the query tower, for train and compare
                     likedTitles (default): the titles that the user liked last before the event
                     samples: a tag that the user typed in the day before, otherwise the title that they liked last
                     when the session began; tables then have QAUC
  --sampling PERCENT for train, compare and em3: of a batch's distinct movies, how many are encoded and teach the
                     encoders; the others' vectors come from the memory bank. p = q of LEMUR's Table 4; default 100
  --text-encoder NAME, --image-encoder NAME
                     for train, compare and em3: a published encoder, by its name on the Hugging Face hub or its folder.
                     Default: small encoders of our own that start at random weights
  --train-text HOW, --train-image HOW
                     for the same, what of the encoder learns: full (default), frozen, top:N (the last N blocks) or
                     lora:R (low-rank updates of rank R)
  --document-length N
                     for the same: most tokens of a movie's title and text; default 40 with overviews, 16 without
  --control KIND     for train, contents that say nothing of their movies: permuted (every movie has another one's) or
                     blank (all have the same picture, no text and no genres)
  --no-controls      for compare, ablate and em3: train no controls. They show what the contents bring. Those of compare
                     and ablate about double the time
  --engine NAME      auto (default), ${ENGINE_NAMES.join(', ')}
  --output DIR       folder for checkpoints, report and plot; default runs/COMMAND
  --resume           continue from the last checkpoint in the output folder; finished runs are kept
  --help             this text

Environment variables; an empty one counts as not set.

  SIFAKA_CACHE       folder for decoded posters and the embedded data; default .cache in the repository
  SIFAKA_ENGINE      the engine without --engine
  SIFAKA_HOME        folder of installed engines; default ~/.cache/sifaka
`;
