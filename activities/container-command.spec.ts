import { describe, expect, it } from '@jest/globals';
import { CONTENT } from '../connectors/lib/process-group.js';
import type { Json } from '../contracts/json.js';
import { containerCommand } from './container-command.js';

const command = (given: { [name: string]: Json }, rest: string[] = [], environment: Record<string, string> = {}) =>
  containerCommand(given, rest, environment, 'own');
const words = (text: string) => text.split(' ');

describe('the command line of a container', () => {
  it('has all that the task says, each where docker looks for it', () => {
    const given = { image: 'alpine:3', name: 'c', pullPolicy: 'never', ports: { 80: 8080 }, command: 'ls "$1"' };
    const made = command({ ...given, volumes: { '/a': '/b' } }, ['/b'], { A: '1 = "x"', B: '' });
    expect(made.arguments).toEqual([
      ...words(
        'run --rm --label dev.brikk.remove-after-ms=60000 --interactive --name c --pull never --publish 80:8080 --volume /a:/b --env-file',
      ),
      CONTENT,
      ...words('-- alpine:3 sh -c'),
      'ls "$1"',
      'sh',
      '/b',
    ]);
    expect(made.content).toEqual({ name: 'environment', text: 'A=1 = "x"\nB=\n' });
  });

  it('takes no flag from the document', () => {
    expect(command({ image: '--privileged' }, ['ls'])).toEqual({
      arguments: words('run --rm --label dev.brikk.remove-after-ms=60000 --interactive --name own -- --privileged ls'),
      onKilled: words('rm --force -- own'),
    });
  });

  it.each<[string, Json, string, string]>([
    ['always', { cleanup: 'always' }, 'run --rm --label dev.brikk.remove-after-ms=60000', 'rm --force -- own'],
    ['never', { cleanup: 'never' }, 'run', 'kill -- own'],
    [
      'eventually',
      { cleanup: 'eventually', after: 'PT5M' },
      'run --label dev.brikk.remove-after-ms=300000',
      'kill -- own',
    ],
    [
      'eventually',
      { cleanup: 'eventually', after: { minutes: 1, seconds: 1 } },
      'run --label dev.brikk.remove-after-ms=61000',
      'kill -- own',
    ],
    [
      'eventually',
      { cleanup: 'eventually', after: 'P1W' },
      'run --label dev.brikk.remove-after-ms=604800000',
      'kill -- own',
    ],
  ])('cleans up %s', (_, lifetime, first, onKilled) => {
    expect(command({ image: 'i', lifetime })).toEqual({
      arguments: words(`${first} --interactive --name own -- i`),
      onKilled: words(onKilled),
    });
  });

  it.each<[{ [name: string]: Json }, Record<string, string>, RegExp]>([
    [{ lifetime: { cleanup: 'eventually', after: 'soon' } }, {}, /lifetime.after must be a duration/],
    [{ lifetime: { cleanup: 'eventually' } }, {}, /lifetime.after/],
    [{ lifetime: { cleanup: 'later' } }, {}, /cleanup must be always, never or eventually/],
    [{}, { 'A B': '1' }, /A B is no name of a variable/],
    [{}, { '#A': '1' }, /#A is no name of a variable/],
    [{}, { A: 'x\nB=1' }, /environment.A of a container must be a single line/],
  ])('refuses what docker would read otherwise: %j %j', (given, environment, message) => {
    expect(() => command({ image: 'i', ...given }, [], environment)).toThrow(message);
  });
});
