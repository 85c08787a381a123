import { GlobalHandlers } from '@temporalio/worker/lib/workflow/vm-shared.js';

/**
 * Preloaded by workers (`node --import`), and with them by the threads of their workflows. There the Temporal SDK notes the
 * stack of each promise for the query `__stack_trace`, which compiles two functions and reads the source map every time: a
 * third of what workflow code costs (github.com/temporalio/sdk-typescript/issues/1587). `v8.promiseHooks` stays as it is:
 * Node's AsyncLocalStorage, in which workflows keep their scope, hangs on the same function.
 * BRIKK_CALL_STACKS=true: the SDK notes them.
 */
if (process.env['BRIKK_CALL_STACKS'] !== 'true')
  Object.defineProperty(GlobalHandlers.prototype, 'setPromiseHook', { value: () => undefined });
