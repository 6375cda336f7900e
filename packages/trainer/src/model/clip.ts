import { globalNorm } from '@sifaka/nn';
import type { StepGradients } from './differentiate.js';

/**
 * The factor that scales the gradients' global norm down to `clipNorm`. A step is skipped if a number is not finite.
 */
export function clip(
  loss: number,
  { dense, rows }: StepGradients,
  clipNorm: number,
): { readonly gradientNorm: number; readonly gradientScale: number; readonly skipped: boolean } {
  const gradientNorm = globalNorm([...dense.values(), ...rows.values()]);
  const gradientScale = Math.min(1, clipNorm / (gradientNorm + 1e-12));
  return { gradientNorm, gradientScale, skipped: !Number.isFinite(loss) || !Number.isFinite(gradientNorm) };
}
