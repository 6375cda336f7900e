import type { ParameterGroup } from '@sifaka/nn';
import { ENCODERS } from './encoder-options.js';
import type { MultimodalRanker } from './multimodal-ranker.js';

/** The group of each weight of the encoders, by its path in the model: the rates that the options give an encoder. */
export function encoderGroups({ options, layerScales }: MultimodalRanker): (path: string) => ParameterGroup {
  const { encoderLearningRate, weightDecay: everywhere } = options.optimizer;
  return (path) => {
    const name = ENCODERS.find((each) => path.startsWith(`content.${each}.`));
    const { learningRate, weightDecay = everywhere } = (name && options.content?.[name]) ?? {};
    const ratio = learningRate === undefined ? 1 : learningRate / encoderLearningRate;
    return { learningRateScale: ratio * (layerScales.get(path) ?? 1), weightDecay };
  };
}
