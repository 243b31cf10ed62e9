// franz-go: kgo's producer (idempotent unless told otherwise), kgo.ConsumePartitions, kadm.
package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"highwater/interop/contract"
)

var codecs = map[string]kgo.CompressionCodec{
	"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
	"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(), "idempotent": kgo.Lz4Compression(),
}
var variants = []string{"none", "gzip", "snappy", "lz4", "zstd", "idempotent"}

func produceOne(ctx context.Context, variant string) error {
	options := []kgo.Opt{kgo.SeedBrokers(contract.Bootstrap), kgo.ProducerBatchCompression(codecs[variant]),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(5 * time.Millisecond)}
	if variant != "idempotent" {
		options = append(options, kgo.DisableIdempotentWrite())
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	defer client.Close()
	records := make([]*kgo.Record, contract.Records)
	for i := range records {
		records[i] = &kgo.Record{Topic: contract.Topic(variant), Key: []byte(contract.Key(i)), Value: []byte(contract.Value(i))}
		for _, header := range contract.Headers(i) {
			records[i].Headers = append(records[i].Headers, kgo.RecordHeader{Key: header.Name, Value: []byte(header.Value)})
		}
	}
	return client.ProduceSync(ctx, records...).FirstErr()
}

func consumeOne(ctx context.Context, variant string) error {
	topic := contract.Topic(variant)
	start := map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}
	client, err := kgo.NewClient(kgo.SeedBrokers(contract.Bootstrap), kgo.ConsumePartitions(start))
	if err != nil {
		return err
	}
	defer client.Close()
	for index := 0; index < contract.Records; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		for _, record := range fetches.Records() {
			var headers []contract.Header
			for _, header := range record.Headers {
				headers = append(headers, contract.Header{Name: header.Key, Value: string(header.Value)})
			}
			if err := contract.Check(topic, index, record.Key, record.Value, headers); err != nil {
				return err
			}
			index++
		}
	}
	return nil
}

func admin(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(contract.Bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	administration, topic := kadm.NewClient(client), contract.Topic("admin")
	retention := contract.CreatedRetention
	if _, err := administration.CreateTopic(ctx, 2, 1, map[string]*string{"retention.ms": &retention}, topic); err != nil {
		return err
	}
	partitions := func() (int, error) {
		found, err := administration.ListTopics(ctx, topic)
		return len(found[topic].Partitions), err
	}
	retained := func() (string, error) {
		found, err := administration.DescribeTopicConfigs(ctx, topic)
		if err != nil {
			return "", err
		}
		for _, config := range found[0].Configs {
			if config.Key == "retention.ms" {
				return config.MaybeValue(), found[0].Err
			}
		}
		return "", fmt.Errorf("no retention.ms")
	}
	if err := contract.Until(partitions, 2, "partitions"); err != nil {
		return err
	}
	if err := contract.Until(retained, contract.CreatedRetention, "retention.ms"); err != nil {
		return err
	}
	altered := contract.AlteredRetention
	answers, err := administration.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &altered}}, topic)
	if err != nil || answers[0].Err != nil {
		return fmt.Errorf("alter configs: %v %v", err, answers)
	}
	if err := contract.Until(retained, contract.AlteredRetention, "retention.ms"); err != nil {
		return err
	}
	if grown, err := administration.UpdatePartitions(ctx, 4, topic); err != nil || grown[topic].Err != nil {
		return fmt.Errorf("update partitions: %v %v", err, grown)
	}
	if err := contract.Until(partitions, 4, "partitions"); err != nil {
		return err
	}
	first := contract.Topic("none")
	before := kadm.Offsets{}
	before.AddOffset(first, 0, 10, -1)
	if deleted, err := administration.DeleteRecords(ctx, before); err != nil || deleted.Error() != nil {
		return fmt.Errorf("delete records: %v %v", err, deleted)
	}
	if starts, err := administration.ListStartOffsets(ctx, first); err != nil || starts[first][0].Offset != 10 {
		return fmt.Errorf("start offset after delete records: %v %v", err, starts)
	}
	if _, err := administration.DeleteTopic(ctx, topic); err != nil {
		return err
	}
	listed := func() (bool, error) {
		found, err := administration.ListTopics(ctx)
		return found.Has(topic), err
	}
	return contract.Until(listed, false, "listed after delete")
}

func main() {
	contract.Run("produce", variants, strings.Join(variants, ", "), contract.Each(variants, produceOne))
	contract.Run("consume", nil, "ConsumePartitions", contract.Each(variants, consumeOne))
	contract.Run("admin", nil, "create, describe, configs, alter, partitions, delete records, delete", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
		defer cancel()
		return admin(ctx)
	})
}
