import { setMaxListeners } from 'node:events';

/** Node looks through all listeners of a signal for each one that comes or goes. */
const LISTENERS = 32;

/** Signals that abort with `signal`, for calls that all listen at once: each is shared by few of them. */
export function shareSignal(signal: AbortSignal): { next: () => AbortSignal; release: () => void } {
  const controllers: AbortController[] = [];
  let taken = 0;
  const abort = () => {
    for (const controller of controllers) controller.abort(signal.reason);
  };
  signal.addEventListener('abort', abort);
  return {
    next() {
      if (taken % LISTENERS === 0) {
        const controller = new AbortController();
        setMaxListeners(0, controller.signal);
        if (signal.aborted) controller.abort(signal.reason);
        controllers.push(controller);
      }
      taken += 1;
      return controllers.at(-1)!.signal;
    },
    release: () => signal.removeEventListener('abort', abort),
  };
}
