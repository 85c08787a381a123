import v8 from 'node:v8';

/**
 * Preloaded by workers (`node --import`), and with them by the threads of their workflows. There the Temporal SDK notes the
 * stack of each promise for the query `__stack_trace`, which compiles two functions and reads the source map every time: a
 * third of what workflow code costs (github.com/temporalio/sdk-typescript/issues/1587). Where it cannot, it goes without.
 * BRIKK_CALL_STACKS=true: it notes them.
 */
if (process.env['BRIKK_CALL_STACKS'] !== 'true')
  v8.promiseHooks.createHook = () => {
    throw new Error('Workers note no call stacks unless BRIKK_CALL_STACKS=true');
  };
