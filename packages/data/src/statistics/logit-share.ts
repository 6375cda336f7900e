/** `log(p / (1 − p))` of the share `p = part / whole`. */
export function logitShare(part: number, whole: number): number {
  return Math.log(part / (whole - part));
}
