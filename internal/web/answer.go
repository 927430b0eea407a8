package web

import (
	"net/http"
	"slices"
	"sync"

	"github.com/go-kit/log/level"
	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/oms-exporter/oms_exporter/internal/exposition"
)

// How an exposition is sent. It does what promhttp does (formats, the filter name[], its count of errors), family by
// family: the samples of a large OMS are nowhere in memory all at once.

// errorsTotal counts what keeps an exposition from being whole, under the name that promhttp's users know.
func newErrorsTotal(registerer prometheus.Registerer) *prometheus.CounterVec {
	errors := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "promhttp_metric_handler_errors_total",
		Help: "Total number of internal errors encountered by the promhttp metric handler.",
	}, []string{"cause"})
	errors.WithLabelValues("gathering")
	errors.WithLabelValues("encoding")
	registerer.MustRegister(errors)
	return errors
}

// answer sends what tasks and own hold, either of which may be nil, in the format that the client asks for. An answer
// that did not get whole is broken off, so that the client notices: half a list looks like a list.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, tasks []exposition.Family, own prometheus.Gatherer) {
	var families []*dto.MetricFamily
	if own != nil {
		var err error
		if families, err = own.Gather(); err != nil { // a failing self-metric must not hide the tasks
			s.failed("gathering", err)
		}
	}
	a := answers.Get().(*answer)
	defer answers.Put(a)
	a.begin(w, r)
	err := a.families(tasks, families, r.URL.Query()["name[]"])
	if ended := a.end(); err == nil {
		err = ended
	}
	switch {
	case err == nil:
	case r.Context().Err() != nil:
		s.errors.WithLabelValues("encoding").Inc()
		_ = level.Debug(s.options.Logger).Log("msg", "The client went away before the metrics were sent",
			"path", r.URL.Path, "from", r.RemoteAddr)
		abort(r) // it may have closed its side of the connection alone, and read on
	default:
		s.failed("encoding", err)
		abort(r)
	}
}

// failed logs and counts what keeps an answer from being whole.
func (s *Server) failed(cause string, err error) {
	s.errors.WithLabelValues(cause).Inc()
	_ = level.Warn(s.options.Logger).Log("msg", "The metrics could not be sent", "cause", cause, "err", err)
}

// answer is one answer being written. What it needs of memory serves the next one, too.
type answer struct {
	text    *exposition.TextWriter // the lines of tasks, if plain; before anything else a buffer
	plain   bool                   // a text format, not protobuf
	encoder expfmt.Encoder         // of everything else; it writes to text
}

var answers = sync.Pool{New: func() any { return &answer{text: exposition.NewTextWriter(nil, false)} }}

// begin negotiates, and sets the header.
func (a *answer) begin(w http.ResponseWriter, r *http.Request) {
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	header := w.Header()
	header.Add("Vary", "Accept")
	header.Set("Content-Type", string(format))
	kind := format.FormatType()
	a.plain = kind == expfmt.TypeTextPlain || kind == expfmt.TypeOpenMetrics
	a.text.Reset(awaited{w, r}, kind == expfmt.TypeOpenMetrics)
	a.encoder = expfmt.NewEncoder(a.text, format)
}

// families writes both sets, which have no name in common, sorted by name: all, or those that names chooses.
func (a *answer) families(tasks []exposition.Family, own []*dto.MetricFamily, names []string) error {
	chosen := func(name string) bool { return len(names) == 0 || slices.Contains(names, name) }
	for len(tasks)+len(own) > 0 {
		var err error
		if len(tasks) > 0 && (len(own) == 0 || tasks[0].Name < own[0].GetName()) {
			if chosen(tasks[0].Name) {
				err = a.family(tasks[0])
			}
			tasks = tasks[1:]
		} else {
			if chosen(own[0].GetName()) {
				err = a.encoder.Encode(own[0])
			}
			own = own[1:]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *answer) family(f exposition.Family) error {
	if a.plain {
		return f.WriteText(a.text)
	}
	if model := f.Model(); model != nil {
		return a.encoder.Encode(model)
	}
	return nil
}

// end writes the rest and releases the connection.
func (a *answer) end() error {
	var err error
	if closer, ok := a.encoder.(expfmt.Closer); ok {
		err = closer.Close() // OpenMetrics has a last line
	}
	if flushed := a.text.Flush(); err == nil {
		err = flushed
	}
	a.text.Reset(nil, false)
	a.encoder = nil
	return err
}

// awaited writes for as long as somebody waits for the answer.
type awaited struct {
	http.ResponseWriter
	request *http.Request
}

func (w awaited) Write(p []byte) (int, error) {
	if err := w.request.Context().Err(); err != nil {
		return 0, err
	}
	return w.ResponseWriter.Write(p)
}

// compressed gzips the answers of handler for clients that accept it. A stateless compressor holds memory during a
// write alone, where another one would hold 0.8 MB for each client that reads slowly. Answers get 4 % longer by that.
func compressed(handler http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.CompressionLevel(gzip.StatelessCompression), gzhttp.EnableZstd(false))
	if err != nil {
		return nil, err
	}
	return wrap(handler), nil
}
