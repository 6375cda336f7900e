// A bump allocator that is reset for every image.

let free: usize = 0;

/** Allocates memory for a file and frees everything else. @returns its address. */
export function reserve(bytes: usize): usize {
  free = __heap_base;
  return take(bytes + 16);
}

export function take(bytes: usize): usize {
  const at = (free + 15) & ~15;
  free = at + bytes;
  const pages = <i32>((free + 0xffff) >> 16);
  if (pages > memory.size()) memory.grow(pages - memory.size());
  return at;
}
