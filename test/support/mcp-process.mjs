// A server of MCP over standard input and output, as definitions start one.
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const text = (words) => ({ content: [{ type: 'text', text: words }] });

serveStdio(() => {
  const server = new McpServer({ name: 'tools', version: '1.0.0' });
  server.registerTool('where', {}, () =>
    text(JSON.stringify({ ...process.env, pid: process.pid, args: process.argv.slice(2) })),
  );
  server.registerTool('break', {}, () => ({ ...text('no paper'), isError: true }));
  server.registerTool('dawdle', {}, () => new Promise(() => undefined));
  server.registerTool('flood', {}, () => text('x'.repeat(11 * 1024 * 1024)));
  server.registerTool('die', {}, () => {
    process.stderr.write(`the key ${process.env.KEY} is no good\n`);
    process.exit(3);
  });
  return server;
});
