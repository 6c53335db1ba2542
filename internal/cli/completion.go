package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints a completion script: every command with its subcommands and flags,
// read from the tree itself.
func (c completionCmd) Run(e *Env) error {
	words := map[string][]string{}
	walk(e.parser.Model.Node, "", words)
	paths := make([]string, 0, len(words))
	for p := range words {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	if c.Shell == "fish" {
		fish(e, paths, words)
		return nil
	}
	if c.Shell == "zsh" {
		fmt.Fprintln(e.Out, "#compdef tocsin\nautoload -U +X bashcompinit && bashcompinit")
	}
	bash(e, paths, words)
	return nil
}

// walk collects, for each command path, the words that may follow it.
func walk(n *kong.Node, path string, words map[string][]string) {
	for _, f := range n.Flags {
		if !f.Hidden {
			words[path] = append(words[path], "--"+f.Name)
		}
	}
	for _, child := range n.Children {
		words[path] = append(words[path], child.Name)
		walk(child, strings.TrimSpace(path+" "+child.Name), words)
	}
}

func bash(e *Env, paths []string, words map[string][]string) {
	fmt.Fprintln(e.Out, `_tocsin() {
    local cur="${COMP_WORDS[COMP_CWORD]}" path="" w
    for w in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$w" in -*) ;; *) path="$path $w" ;; esac
    done
    case "${path# }" in`)
	for _, p := range paths {
		fmt.Fprintf(e.Out, "        %q) COMPREPLY=($(compgen -W %q -- \"$cur\")) ;;\n", p, strings.Join(words[p], " "))
	}
	fmt.Fprintln(e.Out, `    esac
    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _tocsin tocsin`)
}

func fish(e *Env, paths []string, words map[string][]string) {
	fmt.Fprintln(e.Out, `function __tocsin_path
    set -l words (commandline -opc)
    string join ' ' (string match -v -- '-*' $words[2..-1])
end`)
	for _, p := range paths {
		for _, w := range words[p] {
			flag, isFlag := strings.CutPrefix(w, "--")
			if isFlag {
				fmt.Fprintf(e.Out, "complete -c tocsin -n 'test (__tocsin_path) = %q' -l %s\n", p, flag)
			} else {
				fmt.Fprintf(e.Out, "complete -c tocsin -f -n 'test (__tocsin_path) = %q' -a %s\n", p, w)
			}
		}
	}
}
