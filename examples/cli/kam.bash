# Completion of the program kam for bash: source it, or install it as share/bash-completion/completions/kam.
# Commands and options are asked from kam itself, so that they are always its own.
_kam() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} program=${COMP_WORDS[0]}
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ] || { [ "$command" = help ] && [ "$COMP_CWORD" = 2 ]; }; then
        COMPREPLY=($(compgen -W "$("$program" help 2>/dev/null | sed -n 's/^  kam \([a-z]*\) .*/\1/p') --help --version" -- "$word"))
        return
    fi
    case $before in
    --encoding) COMPREPLY=($(compgen -W "GB18030 GBK GB2312 BIG5 UTF-8 UTF-16 ISO-8859-1 WINDOWS-1252" -- "$word")); return ;;
    --lang) COMPREPLY=($(compgen -W "en zh" -- "$word")); return ;;
    --format | --model | --unit)
        COMPREPLY=($(compgen -W "$("$program" help "$command" 2>/dev/null |
            sed -n "s/.*$before \\([a-z|]*|[a-z|]*\\).*/\\1/p" | head -n 1 | tr '|' ' ')" -- "$word"))
        return ;;
    --kind)
        COMPREPLY=($(compgen -W "$("$program" fields 2>/dev/null | grep '^[a-z_]*$')" -- "$word"))
        return ;;
    esac
    case $word in
    -*) COMPREPLY=($(compgen -W "$("$program" help "$command" 2>/dev/null |
        grep -o -e '--[a-z][a-z-]*[a-z]' | sort -u) --help" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _kam kam
