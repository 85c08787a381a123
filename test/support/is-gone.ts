/** Whether a process ends in time. */
export { isGoneWithin } from '../../apps/cli/up/stop-process.js';
