import './index.js';

/*
 * The worker's bundle evaluates this once, before any workflow: modules of workflows keep no state, so that all runs of a
 * worker share them. The sandbox records a stack for each promise, which would be most of the time of a large run; what an
 * error lacks for it, a replay of the run's history shows.
 */
Error.stackTraceLimit = 0;
