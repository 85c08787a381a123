import * as restate from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';
import { createRequire } from 'node:module';

const SERVICE = 'bench';

/**
 * Restate: its server beside a service in this process, called through the server's HTTP ingress.
 * @type {import('../../harness/peer-contract.js').StartPeer}
 */
export async function start({ ask, steps, folder, freePorts, startServer }) {
  const [ingress, admin, node] = await freePorts(3);
  const server = await startServer({
    command: binary(),
    args: ['--no-logo', '--listen-mode', 'tcp', '--bind-ip', '127.0.0.1', '--base-dir', folder],
    env: {
      RESTATE_BIND_PORT: String(node),
      RESTATE_INGRESS__BIND_PORT: String(ingress),
      RESTATE_ADMIN__BIND_PORT: String(admin),
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'error',
      RESTATE_BIFROST__LOCAL__ROCKSDB_DISABLE_WAL_FSYNC: 'false',
      RESTATE_LOG_SERVER__ROCKSDB_DISABLE_WAL_FSYNC: 'false',
    },
    port: ingress,
  });
  const port = await restate.serve({ services: [serviceOf(ask, steps)], port: 0, logger: () => {} });
  await registerDeployment(admin, `http://127.0.0.1:${port}`);
  const client = clients.connect({ url: `http://127.0.0.1:${ingress}` }).serviceClient({ name: SERVICE });
  return {
    durability: 'RocksDB of its server, write-ahead log with fsync',
    chain: (run) => client.chain(run),
    fan: (run) => client.fan(run),
    stop: () => server.stop(),
  };
}

function serviceOf(ask, steps) {
  return restate.service({
    name: SERVICE,
    handlers: {
      async chain(ctx, { runId, endpoint, input }) {
        let last = input;
        for (let number = 1; number <= steps; number += 1) {
          const step = `step-${number}`;
          const given = last;
          last = await ctx.run(step, () => ask({ endpoint, runId, step, input: given }));
        }
        return last;
      },
      fan: (ctx, { runId, endpoints }) =>
        restate.RestatePromise.all(
          endpoints.map((endpoint, index) => {
            const step = `item-${index}`;
            return ctx.run(step, () => ask({ endpoint, runId, step, input: index }));
          }),
        ),
    },
  });
}

/** The server asks the service what it offers. Right after its start it is not ready for that. */
async function registerDeployment(admin, uri) {
  let refusal;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await fetch(`http://127.0.0.1:${admin}/deployments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ uri }),
    }).catch((error) => ({ ok: false, text: () => error.message }));
    if (answer.ok) return;
    refusal = await answer.text();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`the server did not take the service: ${refusal}`);
}

/** What the package's own bin starts: without its wrapper between, a signal reaches the server. */
function binary() {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const server = createRequire(createRequire(import.meta.url).resolve('@restatedev/restate-server/package.json'));
    return server.resolve(`@restatedev/restate-server-${platform}/bin/restate-server`);
  } catch (cause) {
    throw new Error(`the registry has no Restate server for ${platform}`, { cause });
  }
}
