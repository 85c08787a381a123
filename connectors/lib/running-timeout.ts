const SLICE_MS = 50;

/**
 * Calls `onTimeout` after `timeoutMs` in which this process was able to listen. A stall of the event loop counts as one
 * slice of 50 ms, however long it was: what arrived meanwhile is seen before the time is over. The answer stops it.
 */
export function runningTimeout(timeoutMs: number, onTimeout: () => void): () => void {
  let leftMs = timeoutMs;
  let timer: NodeJS.Timeout;
  let immediate: NodeJS.Immediate | undefined;
  const next = () => {
    const sliceMs = Math.min(SLICE_MS, leftMs);
    timer = setTimeout(() => {
      leftMs -= sliceMs;
      if (leftMs > 0) next();
      else immediate = setImmediate(onTimeout);
    }, sliceMs);
  };
  next();
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
