import { execFileSync } from 'node:child_process';

/** A clone of a repository with one commit, as a reader of a guide has it. */
export function beginHistory(repository: string, origin: string): void {
  const git = (...words: string[]) => execFileSync('git', ['-C', repository, ...words], { stdio: 'pipe' });
  execFileSync('git', ['init', '--quiet', '--bare', origin]);
  git('init', '--quiet');
  for (const [name, value] of Object.entries({
    'user.name': 'Reader',
    'user.email': 'reader@example.com',
    'tag.gpgSign': 'false',
  }))
    git('config', name, value);
  git('remote', 'add', 'origin', origin);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'As it is released');
}
