import { createHash } from 'node:crypto';

/** The first words of the script's own errors. */
export const FORMAT_ERROR = 'SIFAKA_FORMAT';
export const ROW_ERROR = 'SIFAKA_ROW';

/**
 * Writes a block of rows ({@link RowBytes.pack}) as one atomic act: a script runs alone, and this one looks at everything before it
 * changes anything. A row with a smaller version than the stored one is left out.
 *
 * `KEYS`: hash of the rows, string with the format. `ARGV`: format, bytes of a row, block. Returns how many rows were written.
 */
export const WRITE_SCRIPT: string = `
local format = redis.call('GET', KEYS[2])
if format and format ~= ARGV[1] then return redis.error_reply('${FORMAT_ERROR} ' .. format) end
local size, block = tonumber(ARGV[2]), ARGV[3]
local newest, taken = {}, {}
for at = 1, #block, size + 4 do
  local id, version = struct.unpack('<i4i4', block, at)
  local known = newest[id]
  if not known then
    local row = redis.call('HGET', KEYS[1], id)
    if row then
      if #row ~= size then return redis.error_reply('${ROW_ERROR} ' .. id .. ' ' .. #row) end
      known = struct.unpack('<i4', row)
    end
  end
  if not known or version >= known then
    newest[id] = version
    taken[#taken + 1] = at
  end
end
if not format then redis.call('SET', KEYS[2], ARGV[1]) end
for _, at in ipairs(taken) do
  redis.call('HSET', KEYS[1], (struct.unpack('<i4', block, at)), string.sub(block, at + 4, at + 3 + size))
end
return #taken
`;

/** The name under which a server remembers the script. */
export const WRITE_SCRIPT_SHA: string = createHash('sha1').update(WRITE_SCRIPT).digest('hex');
