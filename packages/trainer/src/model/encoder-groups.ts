import type { ParameterGroup } from '@sifaka/nn';
import { MODALITIES } from './content-fusion.js';
import { learningRateOf } from './encoder-options.js';
import type { MultimodalRanker } from './multimodal-ranker.js';

/** The group of each weight of the encoders, by its path in the model: the rates that the options give an encoder. */
export function encoderGroups({ options, layerScales }: MultimodalRanker): (path: string) => ParameterGroup {
  const { encoderLearningRate, weightDecay: everywhere } = options.optimizer;
  return (path) => {
    const name = MODALITIES.find((each) => path.startsWith(`content.${each}.`));
    const encoder = (name && options.content?.[name]) ?? {};
    const { weightDecay = everywhere } = encoder;
    // At a rate of 0 no encoder learns, so none has a rate of its own.
    const ratio = encoderLearningRate === 0 ? 1 : learningRateOf(encoder, encoderLearningRate) / encoderLearningRate;
    return { learningRateScale: ratio * (layerScales.get(path) ?? 1), weightDecay };
  };
}
