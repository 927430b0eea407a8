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

// explainFlag returns an error of kingpin with the flag or environment variable that it is about, which kingpin omits,
// and with a plain reason.
func explainFlag(app *kingpin.Application, args []string, err error) error {
	const hint = "try --help"
	setting := badFlag(app, args)
	if setting == "" {
		if name := boolFlagWithValue(app, args); name != "" {
			return fmt.Errorf("--%s takes no value: use --%s or --no-%s, %s", name, name, name, hint)
		}
		return fmt.Errorf("%w, %s", err, hint)
	}
	reason := strings.TrimPrefix(err.Error(), "time: ")
	if number, ok := errors.AsType[*strconv.NumError](err); ok {
		reason = "must be a number"
		if number.Func == "ParseBool" {
			reason = "must be true or false"
		}
	}
	return fmt.Errorf("%s: %s, %s", setting, reason, hint)
}

// badFlag returns the flag or the environment variable with an invalid value, with the value. It returns "" if there is
// none: then the error names the flag. A flag on the command line overrides its variable.
func badFlag(app *kingpin.Application, args []string) string {
	parsed, err := app.ParseContext(args)
	if err != nil {
		return ""
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
			return "--" + flag.Name + "=" + *element.Value
		}
	}
	for _, flag := range app.Model().Flags {
		value := os.Getenv(flag.Envar)
		if flag.Envar != "" && value != "" && !given[flag.Name] && flag.Value.Set(value) != nil {
			return flag.Envar + "=" + value
		}
	}
	return ""
}

// boolFlagWithValue returns the name of a boolean flag with a value, as in --collector.step=false, or "". kingpin
// treats the value as an argument.
func boolFlagWithValue(app *kingpin.Application, args []string) string {
	for _, flag := range app.Model().Flags {
		prefix := "--" + flag.Name + "="
		if flag.IsBoolFlag() && slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, prefix) }) {
			return flag.Name
		}
	}
	return ""
}
