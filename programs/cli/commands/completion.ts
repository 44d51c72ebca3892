import { Argument, type Command } from 'commander';
import { withExamples } from '../examples.ts';

export const addCompletion = (program: Command): void => {
  const command = program
    .command('completion')
    .summary('print a script that completes commands and app names in a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: string) => (await import('../completion.ts')).printCompletionScript(shell));
  withExamples(command, [
    ['source <(berth completion bash)', 'in ~/.bashrc'],
    ['source <(berth completion zsh)', 'in ~/.zshrc'],
    ['berth completion fish | source', 'in ~/.config/fish/config.fish'],
  ]);
};
