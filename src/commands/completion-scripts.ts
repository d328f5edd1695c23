export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

/** Printed instead of candidates: the shell completes file names. */
export const FILES_LINE = ':files'

/** Contains the typed words, one on each line, if they cannot be arguments. */
export const WORDS_VARIABLE = 'ML_INGEST_COMPLETE'

/**
 * Each script passes the typed words to `ml-ingest complete`, which prints candidates: a word, a tab and a description.
 * For security, a typed word is only passed as an argument or compared. It never becomes part of a command, so there is no
 * `eval`, and quotes in a word are removed instead of evaluated.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  // For bash from 3.2 on, without the package bash-completion; compopt needs 4.0.
  bash: `# bash completion for ml-ingest
_ml_ingest() {
    local i last=-1 word line gap rest=\${COMP_LINE:0:COMP_POINT}
    local -a typed
    COMPREPLY=()
    typed=()
    # Bash also splits at = and :. Parts without a gap belong together.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        gap=\${rest%%[![:space:]]*}
        rest=\${rest#"$gap"}
        word=\${COMP_WORDS[i]}
        [[ $i -eq $COMP_CWORD ]] && word=$rest
        rest=\${rest#"$word"}
        [[ $i -eq 0 || -n $gap ]] && typed[++last]=
        typed[last]+=\${word//[\\"\\'\\\\]/}
    done
    # Bash replaces only the part after the last =, so a candidate is only that part.
    word=\${2//[\\"\\'\\\\]/}
    word=\${typed[last]%"$word"}
    while IFS= read -r line; do
        [[ $line == ${FILES_LINE} ]] && return
        line=\${line%%$'\\t'*}
        [[ -n $line ]] && COMPREPLY+=("\${line#"$word"}")
    done <<<"$(ml-ingest complete -- "\${typed[@]:1}" 2>/dev/null </dev/null)"
    compopt +o default 2>/dev/null
    return 0
}
complete -o default -F _ml_ingest ml-ingest
`,
  // As the file _ml-ingest in $fpath it is read at the first TAB and has to complete at once.
  zsh: `#compdef ml-ingest
_ml-ingest() {
    local line
    local -a found
    for line in "\${(@f)$(ml-ingest complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)}"; do
        if [[ $line == ${FILES_LINE} ]]; then
            compset -P '--[^=]##='
            _files
            return
        fi
        [[ -n $line ]] && found+=("\${\${line//:/\\\\:}/$'\\t'/:}")
    done
    _describe -V ml-ingest found
}
if [[ $funcstack[1] == _ml-ingest ]]; then
    _ml-ingest
else
    compdef _ml-ingest ml-ingest
fi
`,
  // If the condition fails, fish offers files.
  fish: `# fish completion for ml-ingest
function __ml_ingest_offer
    set -l words (commandline -opc)
    set -l current (string replace -ra '["\\'\\\\\\\\]' '' -- (commandline -ct))
    set -g __ml_ingest_offered (ml-ingest complete -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    test "$__ml_ingest_offered" != ${FILES_LINE}
end
complete -c ml-ingest -e
complete -c ml-ingest -n __ml_ingest_offer -f -k -a '$__ml_ingest_offered'
`,
  // The words are in a variable, because cmd.exe would read arguments of npm's .cmd file as commands, its .ps1 file loses
  // the --, and Windows PowerShell drops empty arguments. Without candidates, PowerShell offers files.
  powershell: `# PowerShell completion for ml-ingest
Register-ArgumentCompleter -Native -CommandName ml-ingest -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $constant = [System.Management.Automation.Language.StringConstantExpressionAst]
    $words = @($commandAst.CommandElements |
        Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($_ -is $constant) { $_.Value } else { $_.Extent.Text } })
    $env:${WORDS_VARIABLE} = ($words + "$wordToComplete") -join "\`n"
    try { $lines = @(ml-ingest complete 2>$null) }
    finally { Remove-Item Env:${WORDS_VARIABLE} -ErrorAction Ignore }
    foreach ($line in $lines) {
        if ($line -eq '${FILES_LINE}') { return }
        $value, $about = $line -split "\`t", 2
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
    }
}
`,
}
