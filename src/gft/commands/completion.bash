_gft() {
  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"
  local command="${COMP_WORDS[0]##*/}" words="" start=""
  COMPREPLY=()
  # --precision=bf: bash takes the equals sign for a word of its own, zsh for a part of this one.
  if [ "$before" = "=" ]; then
    before="${COMP_WORDS[COMP_CWORD-2]}"
  elif [ "$word" = "=" ]; then
    word=""
  elif [[ "$word" == --*=* ]]; then
    before="${word%%=*}"
    start="$before="
    word="${word#*=}"
  fi
  if [ "$command" = gft ]; then
    if [ "$COMP_CWORD" -eq 1 ]; then
      COMPREPLY=( $(compgen -W "@FUNCTIONS@ completion --help --version" -- "$word") )
      return
    fi
    command="${COMP_WORDS[1]}"
  fi
  case "$before" in
@VALUES@
  esac
  if [ -n "$words" ]; then
    COMPREPLY=( $(compgen -P "$start" -W "$words" -- "$word") )
    return
  fi
  if [ -n "$start" ]; then
    COMPREPLY=( $(compgen -P "$start" -f -- "$word") )
    return
  fi
  case "${command#gft_}" in
@CASES@
    completion) words="bash zsh fish" ;;
  esac
  case "$word" in
    -*) COMPREPLY=( $(compgen -W "$words" -- "$word") ) ;;
    *) if [ "$command" = completion ]; then
         COMPREPLY=( $(compgen -W "$words" -- "$word") )
       fi ;;
  esac
}
complete -o default -o bashdefault -F _gft gft @COMMANDS@
