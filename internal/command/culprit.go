package command

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kingpin/v2"
)

// explain says of an error of kingpin which flag or environment variable it is about, which kingpin does not, and what was wanted, in words
// that do not speak of its own code.
func explain(app *kingpin.Application, args []string, err error) error {
	const hint = "try --help"
	where, flag := culprit(app, args)
	if name := valued(app, args); flag == nil && name != "" {
		return fmt.Errorf("--%s takes no value: it is --%s or --no-%s, %s", name, name, name, hint)
	}
	if flag == nil {
		return fmt.Errorf("%w, %s", err, hint)
	}
	reason := strings.TrimPrefix(err.Error(), "time: ")
	if number, ok := errors.AsType[*strconv.NumError](err); ok {
		reason = "not a number"
		if number.Func == "ParseBool" {
			reason = "neither true nor false"
		}
	}
	return fmt.Errorf("%s: %s, %s", where, reason, hint)
}

// culprit finds the flag whose value cannot be used, and how it was given: on the command line, which goes before, or in the environment.
func culprit(app *kingpin.Application, args []string) (where string, flag *kingpin.FlagModel) {
	parsed, err := app.ParseContext(args)
	if err != nil {
		return "", nil // the flag is named, or there is none of that name
	}
	given := map[string]bool{}
	for _, element := range parsed.Elements {
		clause, ok := element.Clause.(*kingpin.FlagClause)
		if !ok || element.Value == nil {
			continue
		}
		flag := clause.Model()
		given[flag.Name] = true
		if flag.Value.Set(*element.Value) != nil {
			return "--" + flag.Name + "=" + *element.Value, flag
		}
	}
	for _, flag := range app.Model().Flags {
		value := os.Getenv(flag.Envar)
		if flag.Envar != "" && value != "" && !given[flag.Name] && flag.Value.Set(value) != nil {
			return flag.Envar + "=" + value, flag
		}
	}
	return "", nil
}

// valued finds a flag that is true or false and was given a value, as in --collector.step=false; kingpin takes the value for an argument.
func valued(app *kingpin.Application, args []string) string {
	for _, flag := range app.Model().Flags {
		prefix := "--" + flag.Name + "="
		if flag.IsBoolFlag() && slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, prefix) }) {
			return flag.Name
		}
	}
	return ""
}
