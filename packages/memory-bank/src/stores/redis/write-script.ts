import { createHash } from 'node:crypto';

/** First words of the script's errors. */
export const FORMAT_ERROR = 'SIFAKA_FORMAT';
export const ROW_ERROR = 'SIFAKA_ROW';

/**
 * Writes a block of rows ({@link RowBytes.pack}) atomically: no other command runs during a script, and this one checks
 * all rows before it writes any. It skips rows with a smaller version than the stored one.
 *
 * `KEYS`: hash of the rows, string with the format. `ARGV`: format, bytes per row, block. Returns the number of rows
 * written.
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

/** SHA-1 of the script, its name on the server. */
export const WRITE_SCRIPT_SHA: string = createHash('sha1').update(WRITE_SCRIPT).digest('hex');
