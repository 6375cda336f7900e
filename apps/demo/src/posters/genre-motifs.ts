/** A genre's part of a poster's picture: a ground colour, and a figure over it. */
export interface GenreMotif {
  readonly ground: string;
  /** The genre's sign as SVG, in a box of 100 × 100 with its corner at the origin. */
  readonly figure: string;
  /** SVG behind the figure over the whole panel, `[0, width] × [0, height]` in the same units. */
  readonly pattern?: (width: number, height: number) => string;
}

/**
 * The picture language, one entry per MovieLens genre. A small vision transformer can tell panels by colour, because
 * colours are far apart, and by shape, because figures and patterns differ:
 *
 * | genre | colour | figure |         | genre | colour | figure |
 * | --- | --- | --- | --- | --- | --- | --- |
 * | Action | red | burst |               | IMAX | blue | nested screens |
 * | Adventure | green | mountains |      | Musical | magenta | notes |
 * | Animation | cyan | overlapping discs | | Mystery | petrol | keyhole |
 * | Children | pink | balloons |         | Romance | rose | heart |
 * | Comedy | yellow | smile |            | Sci-Fi | midnight | ringed planet |
 * | Crime | slate | warning tape |       | Thriller | dark green | falling rings |
 * | Documentary | sage | film frame |    | War | olive | star and chevrons |
 * | Drama | wine | curtain |             | Western | sand | sun and cactus |
 * | Fantasy | violet | moon and stars |  | (no genres listed) | grey | hatching |
 * | Film-Noir | black | blinds |         | Horror | near black | dripping blood, eyes |
 */
export const GENRE_MOTIFS: Readonly<Record<string, GenreMotif>> = {
  Action: {
    ground: '#d3301c',
    figure: `${star(50, 50, 48, 27, 12, '#ffb52e')}${star(50, 50, 27, 13, 8, '#fff3d6')}`,
  },
  Adventure: {
    ground: '#1f8a5c',
    figure:
      '<circle cx="70" cy="28" r="15" fill="#ffe08a"/><path d="M-40 96 34 26 108 96Z" fill="#0f4d36"/><path d="M34 26 19 40 30 46 36 40 44 48 50 41Z" fill="#fff"/><path d="M22 96 74 52 140 96Z" fill="#176b49"/>',
  },
  Animation: {
    ground: '#18b5d8',
    figure:
      '<circle cx="50" cy="32" r="27" fill="#ffe14d"/><circle cx="32" cy="64" r="27" fill="#f0418c" fill-opacity=".85"/><circle cx="68" cy="64" r="27" fill="#fff" fill-opacity=".8"/>',
  },
  Children: {
    ground: '#ff9cc4',
    figure: `${balloon(28, 36, '#e8434f')}${balloon(72, 30, '#3f7fe0')}${balloon(50, 52, '#fff')}`,
  },
  Comedy: {
    ground: '#ffd21f',
    figure:
      '<circle cx="33" cy="36" r="7" fill="#3b2a00"/><circle cx="67" cy="36" r="7" fill="#3b2a00"/><path d="M16 52Q50 64 84 52 80 92 50 92 20 92 16 52Z" fill="#3b2a00"/><path d="M34 84Q50 70 66 84 50 94 34 84Z" fill="#e8434f"/>',
  },
  Crime: {
    ground: '#3a4655',
    figure:
      '<g fill="none" stroke="#e6ecf2" transform="rotate(-18 50 42)"><circle cx="25" cy="42" r="19" stroke-width="8"/><circle cx="75" cy="42" r="19" stroke-width="8"/><path d="M43 42h14" stroke-width="5" stroke-dasharray="4 1.5"/><path d="M14 24h22M64 24h22" stroke-width="9"/></g>',
    pattern: (width, height) => tape(width, height),
  },
  Documentary: {
    ground: '#9aa37e',
    figure: `<rect x="8" y="14" width="84" height="72" fill="#2d3324"/>${[20, 37, 54, 71].map((y) => `<rect x="13" y="${y}" width="9" height="10" fill="#f4f1e4"/><rect x="78" y="${y}" width="9" height="10" fill="#f4f1e4"/>`).join('')}<rect x="28" y="22" width="44" height="56" fill="#f4f1e4"/><circle cx="50" cy="50" r="15" fill="#9aa37e"/>`,
  },
  Drama: {
    ground: '#8c1538',
    figure:
      '<ellipse cx="50" cy="84" rx="34" ry="9" fill="#ffe9b8"/><path d="M50 2 16 84h68Z" fill="#ffe9b8" fill-opacity=".38"/>',
    pattern: (width, height) => stripes(width, height, 14, 6, '#5e0a22'),
  },
  Fantasy: {
    ground: '#6b3fc0',
    figure: `<path d="M62 10A40 40 0 1 0 88 74 34 34 0 1 1 62 10Z" fill="#ffe9a8"/>${star(74, 36, 14, 5, 4, '#fff')}${star(90, 14, 8, 3, 4, '#fff')}`,
  },
  'Film-Noir': {
    ground: '#0b0b0b',
    figure: '<path d="M50 30 14 100H86Z" fill="#fff" fill-opacity=".25"/><circle cx="50" cy="26" r="10" fill="#fff"/>',
    pattern: (width, height) => slats(width, height, 13, 5, '#8e8e8e'),
  },
  Horror: {
    ground: '#180509',
    figure:
      '<path d="M-60-60H160V22Q152 22 152 12T140 12V30Q132 40 124 30V12Q116 6 108 14V24Q104 30 98 24 92 8 86 22V50Q78 62 70 50V26Q64 12 56 26V66Q48 80 40 66V24Q32 10 26 24V40Q18 50 10 40V14Q0 6-6 20V36Q-14 46-22 36V12Q-60 20-60 12Z" fill="#c40d1c"/><path d="M8 84Q22 70 40 86 22 94 8 84ZM92 84Q78 70 60 86 78 94 92 84Z" fill="#ffe14d"/>',
  },
  IMAX: {
    ground: '#0a62e0',
    figure:
      '<g fill="none" stroke="#fff"><rect x="5" y="18" width="90" height="64" stroke-width="7"/><rect x="20" y="30" width="60" height="40" stroke-width="5"/></g><rect x="33" y="40" width="34" height="20" fill="#fff"/>',
  },
  Musical: {
    ground: '#d6249f',
    figure:
      '<g fill="#fff3c4"><ellipse cx="27" cy="78" rx="15" ry="11"/><ellipse cx="73" cy="70" rx="15" ry="11"/><path d="M34 20 88 10V72H80V30L42 37V80H34Z"/></g>',
  },
  Mystery: {
    ground: '#0f5566',
    figure:
      '<circle cx="50" cy="50" r="45" fill="#9fe0d0"/><circle cx="50" cy="38" r="15" fill="#04222b"/><path d="M44 42h12l10 38H34Z" fill="#04222b"/>',
  },
  Romance: {
    ground: '#f7b5b0',
    figure: '<path d="M50 90C-12 46 16 2 50 30 84 2 112 46 50 90Z" fill="#c8102e"/>',
  },
  'Sci-Fi': {
    ground: '#0b1640',
    figure:
      '<circle cx="50" cy="50" r="25" fill="#52e0ff"/><path d="M50 25A25 25 0 0 1 50 75 40 40 0 0 0 50 25Z" fill="#1792c0"/><ellipse cx="50" cy="50" rx="46" ry="13" fill="none" stroke="#fff" stroke-width="5" transform="rotate(-22 50 50)"/>',
    pattern: (width, height) => scatter(width, height, '#cfe8ff'),
  },
  Thriller: {
    ground: '#123026',
    figure: `<g fill="none" stroke="#ff6a13" stroke-width="6"><circle cx="50" cy="50" r="46"/><circle cx="46" cy="54" r="34"/><circle cx="43" cy="58" r="22"/></g><circle cx="41" cy="61" r="10" fill="#ff6a13"/>`,
  },
  War: {
    ground: '#5f6632',
    figure: `${star(50, 36, 34, 14, 5, '#efe6bf')}<path d="M14 70 50 84 86 70V80L50 94 14 80Z" fill="#efe6bf"/>`,
    pattern: (width, height) => camouflage(width, height),
  },
  Western: {
    ground: '#e8a24e',
    figure:
      '<circle cx="50" cy="46" r="36" fill="#f9dc8c"/><path d="M-60 84H160V160H-60Z" fill="#a34a1c"/><path d="M44 90V24a6 6 0 0 1 12 0v32h10V40a5 5 0 0 1 10 0v26H56v24ZM44 72H24V48a5 5 0 0 1 10 0v14h10Z" fill="#5c2a10"/>',
  },
  '(no genres listed)': {
    ground: '#a9a9a9',
    figure: '',
    pattern: (width, height) => hatching(width, height, '#7f7f7f'),
  },
};

function star(x: number, y: number, outer: number, inner: number, points: number, fill: string): string {
  const corners = Array.from({ length: 2 * points }, (_, i) => {
    const radius = i % 2 === 0 ? outer : inner;
    const angle = (Math.PI * i) / points - Math.PI / 2;
    return `${(x + radius * Math.cos(angle)).toFixed(1)} ${(y + radius * Math.sin(angle)).toFixed(1)}`;
  });
  return `<path d="M${corners.join(' ')}Z" fill="${fill}"/>`;
}

function balloon(x: number, y: number, fill: string): string {
  return `<path d="M${x} ${y + 20}Q${x + (50 - x) / 3} 80 50 100" fill="none" stroke="#7a3b57" stroke-width="2"/><ellipse cx="${x}" cy="${y}" rx="18" ry="22" fill="${fill}"/>`;
}

function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step);
}

function stripes(width: number, height: number, step: number, thickness: number, fill: string): string {
  const bars = steps(0, width, step).map((x) => `M${x} 0h${thickness}V${height}h-${thickness}Z`);
  return `<path d="${bars.join('')}" fill="${fill}"/>`;
}

function slats(width: number, height: number, step: number, thickness: number, fill: string): string {
  const bars = steps(0, height, step).map((y) => `M0 ${y}H${width}v${thickness}H0Z`);
  return `<path d="${bars.join('')}" fill="${fill}"/>`;
}

function hatching(width: number, height: number, stroke: string): string {
  const lines = steps(-height, width, 16).map((x) => `M${x} ${height}l${height} ${-height}`);
  return `<path d="${lines.join('')}" stroke="${stroke}" stroke-width="6"/>`;
}

function tape(width: number, height: number): string {
  const top = height * 0.78;
  const bars = steps(-20, width, 22).map((x) => `M${x} ${top + 16}l10-16h11l-10 16Z`);
  return `<path d="M0 ${top}H${width}v16H0Z" fill="#f4c20d"/><path d="${bars.join('')}" fill="#15191f"/>`;
}

function scatter(width: number, height: number, fill: string): string {
  // Steps of the golden ratio and of √2 spread points evenly without a random generator.
  const dots = Array.from({ length: 16 }, (_, i) => {
    const x = ((i * 0.618034) % 1) * width;
    const y = ((i * 0.414214 + 0.1) % 1) * height;
    return `M${x.toFixed(1)} ${y.toFixed(1)}h2.5v2.5h-2.5Z`;
  });
  return `<path d="${dots.join('')}" fill="${fill}"/>`;
}

function camouflage(width: number, height: number): string {
  const patches = Array.from({ length: 6 }, (_, i) => {
    const x = ((i * 0.618034 + 0.15) % 1) * width;
    const y = ((i * 0.414214 + 0.05) % 1) * height;
    return `<ellipse cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" rx="24" ry="13" fill="${i % 2 === 0 ? '#3d4520' : '#8a7f45'}"/>`;
  });
  return patches.join('');
}
