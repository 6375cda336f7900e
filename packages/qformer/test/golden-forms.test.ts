import { importParameters } from '@sifaka/nn';
import { FusionQFormer, type FusionQFormerOptions, publicForm } from '@sifaka/qformer';
import { expectGoldenGradients, goldenTensors, readGolden } from '@sifaka/test-kit';
import { grads, mul, type Scalar, sum, type Tensor, tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

interface FormGolden {
  readonly options: Omit<FusionQFormerOptions, 'seed'>;
  readonly weights: string;
  readonly tokens: Readonly<Record<string, number[][][]>>;
  readonly masks?: Readonly<Record<string, number[][]>>;
  readonly queries: number[][][];
  readonly vector: number[][];
  readonly upstream: number[][];
  readonly tokenGradients: Readonly<Record<string, number[][][]>>;
  readonly gradients: string;
}

it.each<[string, string, (options: FusionQFormerOptions) => FusionQFormerOptions]>([
  ["the form of EM3's public code", 'public', publicForm],
  ['pre-norm with position embeddings', 'pre-norm', (options) => options],
  ['cross-attention in every second layer', 'cross', (options) => options],
])('equals %s in PyTorch, forward and backward', (_, name, form) => {
  const golden = readGolden<FormGolden>(import.meta.url, name);
  const model = new FusionQFormer(form({ ...golden.options, seed: 1 }));
  importParameters(model.parameters, goldenTensors(golden.weights));
  tidy(() => {
    const names = Object.keys(golden.tokens);
    const tokens = names.map((modality) => tensor(golden.tokens[modality]!));
    const forward = (...inputs: Tensor[]) =>
      model.forward(
        Object.fromEntries(
          names.map((modality, i) => {
            const mask = golden.masks && { mask: tensor2d(golden.masks[modality]!) };
            return [modality, { tokens: inputs[i]!, ...mask }];
          }),
        ),
      );
    const loss = (...inputs: Tensor[]): Scalar => sum(mul(forward(...inputs).vector, tensor2d(golden.upstream)));
    expect(forward(...tokens).queries).toBeAllClose(golden.queries, { atol: 1e-5, rtol: 1e-5 });
    expect(forward(...tokens).vector).toBeAllClose(golden.vector, { atol: 1e-5, rtol: 1e-5 });
    const gradients = grads(loss)(tokens);
    names.forEach((modality, i) => {
      expect(gradients[i]!).toBeAllClose(golden.tokenGradients[modality]!, { atol: 2e-5, rtol: 1e-3 });
    });
    expectGoldenGradients(() => loss(...tokens), model.parameters, golden.gradients);
  });
  model.dispose();
});
