/**
 * The shell becomes the program, so the child's pid is the program's. Before that it leaves a reader behind: when the pipe
 * from Node closes without a line, Node is dead and the program is told to end.
 */
const guard = (end: string) => `( (read -r line <&3 && exit; ${end}) >/dev/null 2>&1 & ); exec 3<&-; exec "$@"`;
const TELL = 'kill -INT $$';
const KILL_GROUP = 'kill -KILL -$$';
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * A command whose program does not outlive the Node that starts it, even one that is killed: to be spawned with a pipe as
 * file 3, into which Node writes a line once the program has ended. With `killAfterS` who does not follow is killed; with
 * `group` the program is killed at once, with all of its group: to be spawned `detached`. Where there is something to do
 * `onKilled`, that command is run between the two.
 */
export function guardedCommand(
  command: readonly string[],
  { killAfterS, group = false, onKilled }: { killAfterS?: number; group?: boolean; onKilled?: readonly string[] } = {},
): [string, ...string[]] {
  const told = killAfterS === undefined ? TELL : `${TELL}; sleep ${killAfterS}; kill -KILL $$`;
  const killed = onKilled ? `kill -KILL $$; ${onKilled.map(quoted).join(' ')}; ${KILL_GROUP}` : KILL_GROUP;
  return ['/bin/sh', '-c', guard(group ? killed : told), 'guard', ...command];
}
