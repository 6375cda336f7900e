import { createHash } from 'node:crypto';

/** First words of the script's errors. */
export const FORMAT_ERROR = 'SIFAKA_FORMAT';
export const LENGTH_ERROR = 'SIFAKA_LENGTH';
export const CHECKSUM_ERROR = 'SIFAKA_CHECKSUM';

/**
 * Writes a block of rows ({@link RowBytes.pack}) atomically: no other command runs during a script, and this one checks
 * all rows before it writes any. It skips rows with a smaller version than the stored one. It trusts the larger version
 * if its inverse is stored with it; otherwise a damaged version would block all later writes. A checksum of the row in
 * Lua would block the server for 0.2 ms.
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
      if #row ~= size then return redis.error_reply('${LENGTH_ERROR} ' .. id .. ' ' .. #row) end
      local inverse
      known, inverse = struct.unpack('<i4i4', row)
      if version < known and known + inverse ~= -1 then return redis.error_reply('${CHECKSUM_ERROR} ' .. id) end
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
