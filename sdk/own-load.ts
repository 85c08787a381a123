import type { Heartbeat } from '../contracts/agents.js';
import type { AgentTasks } from './agent-tasks.js';

/** Measures this process for heartbeats; CPU is in cores, over the time since the last measurement. */
export function loadMeter(): (tasks: AgentTasks) => Heartbeat {
  let last = { at: process.hrtime.bigint(), cpu: process.cpuUsage() };
  return (tasks) => {
    const now = { at: process.hrtime.bigint(), cpu: process.cpuUsage() };
    const usedUs = now.cpu.user - last.cpu.user + (now.cpu.system - last.cpu.system);
    const elapsedUs = Number(now.at - last.at) / 1_000;
    last = now;
    return {
      load: Math.min(1, tasks.inFlight / tasks.maxConcurrency),
      inFlight: tasks.inFlight,
      health: {
        cpu: elapsedUs > 0 ? usedUs / elapsedUs : 0,
        memoryBytes: process.memoryUsage.rss(),
        queueSize: 0,
        errorRate: tasks.takeErrorRate(),
      },
    };
  };
}
