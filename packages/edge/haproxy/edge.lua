-- What HAProxy's rules cannot say: waiting for a server, one spelling per path, and who is behind a chain of proxies.
-- Each is called only for the requests that need it, because a call from every request costs about 15 % of CPU.

-- Service ("app.service") -> "limitMs maxRequests"; an entry arms the hold. Kept up to date through the admin socket.
local armed = Map.new("hold.map", Map._str)

local held, expired, refused = {}, {}, {}

-- Service -> waiting requests, each with the time at which it was last seen: HAProxy ends the wait of a client that has gone
-- away without a word, so whoever has not looked for a while is taken to be gone.
local waiting = {}
local LOOK_MS = 50
local GONE_MS = 500
local next_waiter = 0

local function add(counter, service, amount)
  counter[service] = (counter[service] or 0) + amount
end

local function now_ms()
  local now = core.now()
  return now.sec * 1000 + math.floor(now.usec / 1000)
end

local function waiting_in(service)
  local present = 0
  local now = now_ms()
  for waiter, seen in pairs(waiting[service] or {}) do
    if now - seen > GONE_MS then
      waiting[service][waiter] = nil
    else
      present = present + 1
    end
  end
  return present
end

-- Arguments: the backend whose servers are waited for, and the service that it belongs to (the same for WebSockets).
core.register_action("berth_hold", { "http-req" }, function(txn, backend, service)
  local entry = armed:lookup(service)
  if entry == nil then return end
  local limit_ms, max_requests = entry:match("^(%d+) (%d+)$")
  if limit_ms == nil then return end
  if waiting_in(service) >= tonumber(max_requests) then
    add(refused, service, 1)
    return
  end
  local began = now_ms()
  local waiter = next_waiter
  next_waiter = next_waiter + 1
  waiting[service] = waiting[service] or {}
  waiting[service][waiter] = began
  add(held, service, 1)
  local waited = 0
  local pause_ms = 5
  -- Disarming lets everybody go on, to a server or to a 503.
  while txn.f:nbsrv(backend) == 0 and waited < tonumber(limit_ms) and armed:lookup(service) ~= nil do
    core.msleep(pause_ms)
    -- Short waits end quickly, and a thousand long ones do not keep a core busy.
    pause_ms = math.min(pause_ms + 5, LOOK_MS)
    waited = now_ms() - began
    waiting[service][waiter] = began + waited
  end
  waiting[service][waiter] = nil
  if txn.f:nbsrv(backend) == 0 then add(expired, service, 1) end
  txn:set_var("txn.held", waited)
end, 2)

core.register_cli({ "show", "berth-hold" }, "show berth-hold : held, expired, refused and waiting requests per service", function(applet)
  local lines = {}
  local services = {}
  for service in pairs(held) do services[service] = true end
  for service in pairs(refused) do services[service] = true end
  for service in pairs(services) do
    table.insert(lines, table.concat({
      service,
      held[service] or 0,
      expired[service] or 0,
      refused[service] or 0,
      waiting_in(service),
    }, " "))
  end
  applet:send(table.concat(lines, "\n") .. "\n")
end)

-- The one spelling of a path under which routes and limits are looked up: escapes decoded once, "//" and "/./" folded,
-- what is left escaped again. nil when it must not be served: "..", NUL and other control bytes, a backslash.
local function canonical(path)
  if path:find("\\", 1, true) then return nil end
  local decoded = path:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  if decoded:find("[%z\1-\31\127]") then return nil end
  local segments = {}
  for segment in decoded:gmatch("[^/]+") do
    if segment == ".." then return nil end
    if segment ~= "." then table.insert(segments, segment) end
  end
  local joined = "/" .. table.concat(segments, "/")
  if #segments > 0 and (decoded:sub(-1) == "/" or decoded:sub(-2) == "/.") then joined = joined .. "/" end
  return (joined:gsub("[^%w%-%._~!%$&'%(%)%*%+,;=:@/]", function(char) return string.format("%%%02X", char:byte()) end))
end

core.register_action("berth_path", { "http-req" }, function(txn)
  local path = canonical(txn.f:path() or "/")
  if path == nil then
    txn:set_var("txn.bad", 1)
  else
    txn:set_var("txn.match", path)
    txn:set_var("txn.key", (txn:get_var("txn.host") or "") .. path .. ">")
  end
end)

-- One address out of an element of X-Forwarded-For or of for= in Forwarded: quotes, brackets and port taken away.
local function address(text)
  local found = text:match("^%s*(.-)%s*$"):gsub('^"(.*)"$', "%1")
  local v6 = found:match("^%[([%x:%.]+)%]:?%d*$")
  if v6 ~= nil then return v6 end
  local v4 = found:match("^(%d+%.%d+%.%d+%.%d+):?%d*$")
  if v4 ~= nil then return v4 end
  if found:find(":", 1, true) and found:match("^[%x:%.]+$") then return found end
  return nil
end

-- The elements of a list header, split at commas outside of quotes.
local function elements(headers, name)
  local list = {}
  local lines = headers[name]
  if lines == nil then return list end
  for index = 0, #lines do
    local element, quoted = {}, false
    for char in (lines[index] .. ","):gmatch(".") do
      if char == '"' then quoted = not quoted end
      if char == "," and not quoted then
        table.insert(list, table.concat(element))
        element = {}
      else
        table.insert(element, char)
      end
    end
    if quoted then table.insert(list, "unreadable") end
  end
  return list
end

-- Called for requests from a trusted proxy. txn.hops: addresses from the nearest to the farthest, joined by "|"; it ends
-- before the first one that cannot be read, since nothing behind that can be believed. X-Forwarded-For wins over
-- Forwarded when both are there: a proxy that writes the one passes on whatever a client put into the other.
core.register_action("berth_forwarded", { "http-req" }, function(txn)
  local headers = txn.http:req_get_headers()
  local hops = {}
  local chain = elements(headers, "x-forwarded-for")
  if #chain > 0 then
    for index = #chain, 1, -1 do
      local hop = address(chain[index])
      if hop == nil then break end
      table.insert(hops, hop)
    end
  else
    chain = elements(headers, "forwarded")
    for index = #chain, 1, -1 do
      local element = ";" .. chain[index]
      local lower = element:lower()
      local at = select(2, lower:find(";%s*for="))
      local hop = at and address(element:sub(at + 1):match('^"[^"]*"') or element:sub(at + 1):match("^[^;]*"))
      -- Only the nearest proxy is known to be trusted: its word on scheme and host counts.
      if index == #chain then
        local proto = lower:match(";%s*proto=\"?(https?)\"?%f[%s;%z]")
        if proto ~= nil then txn:set_var("txn.proto", proto) end
        local at_host = select(2, lower:find(";%s*host="))
        local host = at_host and (element:sub(at_host + 1):match('^"([^"]*)"') or element:sub(at_host + 1):match("^[^;%s]*"))
        if host ~= nil and host:match("^[%w%.%-:%[%]]+$") then txn:set_var("txn.fwdhost", host) end
      end
      if hop == nil then break end
      table.insert(hops, hop)
    end
  end
  if #hops > 0 then txn:set_var("txn.hops", table.concat(hops, "|", 1, math.min(#hops, 8))) end
end)
