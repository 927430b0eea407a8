package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/oms-exporter/oms_exporter/collector"
)

// baseline is the exporter as one writes it on a good afternoon: page after page into full structs, a const metric for each sample, a
// registry, promhttp. It emits the very same series as ours, of a healthy OMS.
type baseline struct {
	url   string
	descs map[string]*prometheus.Desc
	mu    sync.Mutex
}

func newBaseline(url string) http.Handler {
	b := &baseline{url: url, descs: make(map[string]*prometheus.Desc)}
	for _, m := range collector.NewMetrics(collector.AllCollectors).List() {
		b.descs[m.Name] = prometheus.NewDesc(m.Name, m.Help, m.Labels, nil)
	}
	tasks, all := prometheus.NewRegistry(), prometheus.NewRegistry()
	tasks.MustRegister(b)
	all.MustRegister(b, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	path, _, _ := strings.Cut(tasksPath, "?")
	mux := http.NewServeMux()
	mux.Handle(path, promhttp.HandlerFor(tasks, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	mux.Handle(metricsPath, promhttp.InstrumentMetricHandler(all,
		promhttp.HandlerFor(all, promhttp.HandlerOpts{Registry: all, EnableOpenMetrics: true})))
	return mux
}

func (b *baseline) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range b.descs {
		ch <- desc
	}
}

func (b *baseline) Collect(ch chan<- prometheus.Metric) {
	b.mu.Lock()
	defer b.mu.Unlock()
	start := time.Now()
	rows, pages, total, offset, err := b.walk()
	e := emitter{ch, b.descs}
	e.walk(err, time.Since(start), pages, offset)
	if err != nil {
		return
	}
	e.list(rows, total)
	for i := range rows {
		e.task(&rows[i])
	}
}

// walk asks for page after page until one is not full.
func (b *baseline) walk() (rows []row, pages, total int, offset time.Duration, err error) {
	const size = 150
	for {
		var page answer
		if page, offset, err = b.page(pages+1, size); err != nil {
			return nil, pages, 0, 0, err
		}
		pages++
		rows, total = append(rows, page.Data...), page.TotalCount
		if len(page.Data) < size {
			return rows, pages, total, offset, nil
		}
	}
}

func (b *baseline) page(number, size int) (page answer, offset time.Duration, err error) {
	body, err := json.Marshal(map[string]any{"sortField": "gmtCreate", "order": "asc", "pageNumber": number, "pageSize": size})
	if err != nil {
		return page, 0, err
	}
	sent := time.Now()
	res, err := http.Post(b.url+"/api/v2?Action=ListProjects", "application/json", bytes.NewReader(body)) //nolint:noctx // straightforward
	if err != nil {
		return page, 0, err
	}
	defer func() { _ = res.Body.Close() }()
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		offset = date.Sub(sent)
	}
	if err := json.NewDecoder(res.Body).Decode(&page); err != nil {
		return page, 0, err
	}
	if !page.Success {
		return page, 0, errors.New("OMS says no")
	}
	return page, offset, nil
}
