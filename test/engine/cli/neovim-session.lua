-- What somebody does in Neovim with its own client of language servers, and what is seen then, as JSON.
local node, cli, folder = unpack(vim.split(vim.env.KSQL_TEST, '\n'))

local function waitFor(what)
  return vim.wait(60000, what, 50)
end

-- Neovim 0.8 and newer have vim.lsp.start, and 0.11 vim.lsp.config; this one all have.
local client = vim.lsp.start_client({
  name = 'ksql',
  cmd = { node, cli, 'lsp', '--stdio' },
  root_dir = folder,
  workspace_folders = { { uri = vim.uri_from_fname(folder), name = 'ksql' } },
  get_language_id = function() return 'ksql' end,
})
vim.cmd('edit ' .. folder .. '/main.ksql')
local buffer = vim.api.nvim_get_current_buf()
vim.lsp.buf_attach_client(buffer, client)

local seen = {}
waitFor(function() return #vim.diagnostic.get(buffer) > 0 end)
seen.diagnostics = vim.tbl_map(function(each)
  return { line = each.lnum, column = each.col, code = each.code, severity = each.severity }
end, vim.diagnostic.get(buffer))

local uri = vim.uri_from_bufnr(buffer)
local at = { textDocument = { uri = uri }, position = { line = 0, character = 7 } }
local completed = vim.lsp.buf_request_sync(buffer, 'textDocument/completion', at, 60000)
seen.completions = vim.tbl_map(function(item) return item.label end, completed[client].result.items)

vim.api.nvim_win_set_cursor(0, { 1, 19 })
vim.lsp.buf.rename('purchases')
local function text() return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n') end
waitFor(function() return text():find('purchases') ~= nil end)
seen.renamed = text()
local other = vim.fn.bufnr(folder .. '/sources.ksql')
seen.renamedElsewhere = other >= 0 and vim.api.nvim_buf_get_lines(other, 0, 1, false)[1] or ''

io.stdout:write('\n' .. vim.fn.json_encode(seen) .. '\n')
vim.lsp.stop_client(client)
vim.cmd('qa!')
