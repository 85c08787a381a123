/**
 * The shell becomes the program, so the child's pid is the program's. Before that it leaves a reader behind: when the pipe
 * from Node closes without a line, Node is dead and the program is told to end.
 */
const guard = (end: string) => `( (read -r line <&3 && exit; ${end}) >/dev/null 2>&1 & ); exec 3<&-; exec "$@"`;
const TELL = 'kill -INT $$';
const KILL_GROUP = 'kill -KILL -$$';

/**
 * A command whose program does not outlive the Node that starts it, even one that is killed: to be spawned with a pipe as
 * file 3, into which Node writes a line once the program has ended. With `killAfterS` who does not follow is killed; with
 * `group` the program is killed at once, with all of its group: to be spawned `detached`.
 */
export function guardedCommand(
  command: readonly string[],
  { killAfterS, group = false }: { killAfterS?: number; group?: boolean } = {},
): [string, ...string[]] {
  const told = killAfterS === undefined ? TELL : `${TELL}; sleep ${killAfterS}; kill -KILL $$`;
  return ['/bin/sh', '-c', guard(group ? KILL_GROUP : told), 'guard', ...command];
}
