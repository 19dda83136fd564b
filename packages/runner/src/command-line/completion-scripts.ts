import type { Completed, CompletedCommand, CompletedOption } from './completion.ts'

/** Shells that are completed in. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** The script a shell reads to complete `engage-sync`. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  return SCRIPTS[shell](commands)
}

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

/** Commands are found by walking over the words before, without the values of options. */
function walk(commands: readonly CompletedCommand[], words: string): string {
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  return `  local at='' skip='' word i
  for ((i = ${words}; i++)); do
    word="\${words[i]}"
    if [[ -n $skip ]]; then skip=''; continue; fi
    case "$word" in
      ${valued(commands).join('|')}) skip=1 ;;
      -*) ;;
      *)
        word="\${at:+$at }$word"
        case "$word" in ${paths.join('|')}) at="$word" ;; esac
        ;;
    esac
  done`
}

/** Options that take a value, each once. */
function valued(commands: readonly CompletedCommand[]): readonly string[] {
  const options = commands.flatMap((command) => command.options)
  return [...new Set(options.filter(({ value }) => value !== null).map(({ name }) => name))]
}

/** `run:--format`: a value of an option of a command. */
function eachValue(
  commands: readonly CompletedCommand[],
  write: (value: Completed) => string,
): string {
  const lines = commands.flatMap(({ path, options }) =>
    options.flatMap(({ name, value }) =>
      value === null ? [] : [`    '${path}:${name}') ${write(value)}; return ;;`],
    ),
  )
  return lines.join('\n')
}

function bashScript(commands: readonly CompletedCommand[]): string {
  const values = eachValue(commands, (value) => {
    if (value.kind === 'words')
      return `COMPREPLY=($(compgen -W '${value.words.join(' ')}' -- "$cur"))`
    if (value.kind === 'nothing') return 'COMPREPLY=()'
    return `COMPREPLY=($(compgen ${value.kind === 'files' ? '-f' : '-d'} -- "$cur"))`
  })
  const words = commands.map(({ path, options, below, argument }) => {
    const all = [...below, ...options].map(({ name }) => name)
    if (argument.kind === 'words') all.unshift(...argument.words)
    return `    '${path}') COMPREPLY=($(compgen -W '${all.join(' ')}' -- "$cur")) ;;`
  })
  return `# bash completion of engage-sync. Load it with: source <(engage-sync completion bash)
_engage_sync() {
  local words=("\${COMP_WORDS[@]}") cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
${walk(commands, '1; i < COMP_CWORD')}
  case "$at:$prev" in
${values}
  esac
  case "$at" in
${words.join('\n')}
  esac
}
complete -o bashdefault -o default -F _engage_sync engage-sync
`
}

function zshScript(commands: readonly CompletedCommand[]): string {
  const values = eachValue(commands, (value) => {
    if (value.kind === 'words') return `compadd -- ${value.words.join(' ')}`
    if (value.kind === 'nothing') return '_message value'
    return value.kind === 'files' ? '_files' : '_files -/'
  })
  const words = commands.map(({ path, options, below, argument }) => {
    const described = [
      ...below.map(({ name, summary }) => ({ name, description: summary })),
      ...options,
    ].map(({ name, description }) => `'${zshText(name)}:${zshText(description)}'`)
    const files = argument.kind === 'files' ? '; _files' : ''
    const choices = argument.kind === 'words' ? `; compadd -- ${argument.words.join(' ')}` : ''
    return `    '${path}') all=(${described.join(' ')}); _describe engage-sync all${choices}${files} ;;`
  })
  return `#compdef engage-sync
# zsh completion of engage-sync. Load it with: source <(engage-sync completion zsh)
_engage_sync() {
  local -a all
  local prev="\${words[CURRENT-1]}"
${walk(commands, '2; i < CURRENT')}
  case "$at:$prev" in
${values}
  esac
  case "$at" in
${words.join('\n')}
  esac
}
compdef _engage_sync engage-sync
`
}

/** Text inside single quotes, before or after the colon of a description. */
function zshText(text: string): string {
  return text.replaceAll(':', '\\:').replaceAll("'", `'\\''`)
}

function fishScript(commands: readonly CompletedCommand[]): string {
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => fishText(path))
  const lines = commands.flatMap(({ path, options, below, argument }) => {
    const head = `complete -c engage-sync -n "__engage_sync_at '${path}'"`
    return [
      ...below.map(({ name, summary }) => `${head} -a ${fishText(name)} -d ${fishText(summary)}`),
      ...options.map((option) => `${head} ${fishOption(option)}`),
      ...(argument.kind === 'words' ? [`${head} -a ${fishText(argument.words.join(' '))}`] : []),
      ...(argument.kind === 'files' ? [`${head} -F`] : []),
    ]
  })
  return `# fish completion of engage-sync. Load it with: engage-sync completion fish | source
function __engage_sync_at
  set -l at ''
  set -l skip 0
  for word in (commandline -opc)[2..]
    if test $skip = 1
      set skip 0
      continue
    end
    switch $word
      case ${valued(commands).join(' ')}
        set skip 1
      case '-*'
      case '*'
        set -l longer (string trim -- "$at $word")
        contains -- $longer ${paths.join(' ')}; and set at $longer
    end
  end
  test "$at" = "$argv[1]"
end
complete -c engage-sync -f
${lines.join('\n')}
`
}

function fishOption({ name, description, value }: CompletedOption): string {
  const about = `-l ${name.replace(/^--/, '')} -d ${fishText(description)}`
  if (value === null) return about
  if (value.kind === 'words') return `${about} -x -a ${fishText(value.words.join(' '))}`
  return value.kind === 'nothing' ? `${about} -x` : `${about} -r -F`
}

function fishText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
