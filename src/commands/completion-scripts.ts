export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

/** Instead of candidates: the shell offers what it offers for a file. */
export const FILES_LINE = ':files'

/** Holds the typed words, one a line, where they cannot be handed over as arguments. */
export const WORDS_VARIABLE = 'ML_INGEST_COMPLETE'

/**
 * Each script hands the typed words to `ml-ingest complete` and makes candidates of the lines that it prints: a word, a
 * tab, what is said about it. A word is text that somebody has not agreed to run yet: it is passed as an argument or
 * compared, and never becomes part of something that a shell reads as a command. So there is no `eval`, nor anything
 * that comes to the same, and the quotes in a word are taken away rather than understood.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  // Bash alone, from 3.2 on: without the functions of bash-completion; compopt came with 4.0.
  bash: `# bash completion for ml-ingest
_ml_ingest() {
    local i last=-1 word line gap rest=\${COMP_LINE:0:COMP_POINT}
    local -a typed
    COMPREPLY=()
    typed=()
    # Bash splits at = and : too. What follows without a gap belongs to the word before.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        gap=\${rest%%[![:space:]]*}
        rest=\${rest#"$gap"}
        word=\${COMP_WORDS[i]}
        [[ $i -eq $COMP_CWORD ]] && word=$rest
        rest=\${rest#"$word"}
        [[ $i -eq 0 || -n $gap ]] && typed[++last]=
        typed[last]+=\${word//[\\"\\'\\\\]/}
    done
    # Only what comes after the last = is replaced, so that is what a candidate has to be.
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
  // As a file called _ml-ingest in $fpath it is read at the first TAB, and has to complete at once.
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
  // A condition that fails leaves the field to fish, which offers files.
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
  // A variable carries the words: npm's .cmd file would have cmd.exe read arguments as commands, its .ps1 file would
  // lose the --, and Windows PowerShell drops empty ones. Without an answer, PowerShell offers files.
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
