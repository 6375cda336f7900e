import { type Activation, quoted } from '@sifaka/nn';
import type { ConfigReader } from './config-reader.js';

/** Names of `hidden_act`. The approximations by a hyperbolic tangent are one formula. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_new: 'geluTanh',
  gelu_fast: 'geluTanh',
  gelu_pytorch_tanh: 'geluTanh',
  quick_gelu: 'quickGelu',
};

/** @throws Error listing the names if it is none of them. */
export function readActivation(config: ConfigReader, missing: string, field = 'hidden_act'): Activation {
  const name = config.text(field, missing);
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name]!;
  const names = Object.keys(ACTIVATIONS).join(', ');
  throw new Error(`${config.where}: expected ${field} to be one of ${names}, got ${quoted(name)}`);
}
