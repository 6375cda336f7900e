/** The print of a decade's posters: paper, ink, frame, and position of the title. */
export interface Era {
  readonly paper: string;
  readonly ink: string;
  /** Width of the frame around the picture, in pixels; 0 prints to the edge. */
  readonly margin: number;
  readonly titleAt: 'top' | 'bottom';
}

const ERAS: readonly (Era & { readonly from: number })[] = [
  { from: 0, paper: '#e6d3a8', ink: '#3a2a17', margin: 10, titleAt: 'top' },
  { from: 1930, paper: '#d9ccb4', ink: '#1d1a17', margin: 9, titleAt: 'top' },
  { from: 1940, paper: '#cfd2c4', ink: '#1b2226', margin: 8, titleAt: 'top' },
  { from: 1950, paper: '#f3e2b3', ink: '#7a1d14', margin: 7, titleAt: 'bottom' },
  { from: 1960, paper: '#f7efe0', ink: '#123c5a', margin: 7, titleAt: 'bottom' },
  { from: 1970, paper: '#5a3217', ink: '#f6d58e', margin: 6, titleAt: 'bottom' },
  { from: 1980, paper: '#141432', ink: '#ff7ac6', margin: 5, titleAt: 'top' },
  { from: 1990, paper: '#101010', ink: '#f4f4f4', margin: 0, titleAt: 'bottom' },
  { from: 2000, paper: '#16283a', ink: '#e8f2fa', margin: 0, titleAt: 'bottom' },
  { from: 2010, paper: '#fafafa', ink: '#161616', margin: 0, titleAt: 'bottom' },
  { from: 2020, paper: '#ece8f4', ink: '#3a1d78', margin: 0, titleAt: 'top' },
];
const UNDATED: Era = { paper: '#c9c9c9', ink: '#222222', margin: 4, titleAt: 'bottom' };

/** The era of a year. Films without a year have a grey one of their own. */
export function eraOf(year: number | undefined): Era {
  if (year === undefined) return UNDATED;
  return ERAS.findLast(({ from }) => year >= from) ?? UNDATED;
}
