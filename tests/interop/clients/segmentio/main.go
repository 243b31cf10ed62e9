// segmentio/kafka-go: Writer, Reader of one partition, Client's administration calls.
package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"highwater/interop/contract"
)

var codecs = map[string]kafka.Compression{"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd}
var variants = []string{"none", "gzip", "snappy", "lz4", "zstd"}

func produceOne(ctx context.Context, variant string) error {
	writer := &kafka.Writer{Addr: kafka.TCP(contract.Bootstrap), Topic: contract.Topic(variant), RequiredAcks: kafka.RequireAll,
		Compression: codecs[variant], BatchTimeout: 5 * time.Millisecond}
	defer writer.Close()
	messages := make([]kafka.Message, contract.Records)
	for i := range messages {
		messages[i] = kafka.Message{Key: []byte(contract.Key(i)), Value: []byte(contract.Value(i))}
		for _, header := range contract.Headers(i) {
			messages[i].Headers = append(messages[i].Headers, kafka.Header{Key: header.Name, Value: []byte(header.Value)})
		}
	}
	return writer.WriteMessages(ctx, messages...)
}

func consumeOne(ctx context.Context, variant string) error {
	topic := contract.Topic(variant)
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{contract.Bootstrap}, Topic: topic, Partition: 0,
		MinBytes: 1, MaxBytes: 1 << 20, MaxWait: 100 * time.Millisecond})
	defer reader.Close()
	if err := reader.SetOffset(kafka.FirstOffset); err != nil {
		return err
	}
	for index := range contract.Records {
		message, err := reader.ReadMessage(ctx)
		if err != nil {
			return fmt.Errorf("after %d records: %w", index, err)
		}
		var headers []contract.Header
		for _, header := range message.Headers {
			headers = append(headers, contract.Header{Name: header.Key, Value: string(header.Value)})
		}
		if err := contract.Check(topic, index, message.Key, message.Value, headers); err != nil {
			return err
		}
	}
	return nil
}

func retention(ctx context.Context, client *kafka.Client, topic string) (string, error) {
	found, err := client.DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{
		Resources: []kafka.DescribeConfigRequestResource{{ResourceType: kafka.ResourceTypeTopic, ResourceName: topic}}})
	if err != nil {
		return "", err
	}
	for _, entry := range found.Resources[0].ConfigEntries {
		if entry.ConfigName == "retention.ms" {
			return entry.ConfigValue, found.Resources[0].Error
		}
	}
	return "", fmt.Errorf("no retention.ms: %v", found.Resources[0].Error)
}

func admin(ctx context.Context) error {
	client, topic := &kafka.Client{Addr: kafka.TCP(contract.Bootstrap), Timeout: 20 * time.Second}, contract.Topic("admin")
	created, err := client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{Topic: topic, NumPartitions: 2,
		ReplicationFactor: 1, ConfigEntries: []kafka.ConfigEntry{{ConfigName: "retention.ms", ConfigValue: contract.CreatedRetention}}}}})
	if err != nil || created.Errors[topic] != nil {
		return fmt.Errorf("create: %v %v", err, created)
	}
	partitions := func() (int, error) {
		found, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
		if err != nil || found.Topics[0].Error != nil {
			return 0, fmt.Errorf("metadata: %v", err)
		}
		return len(found.Topics[0].Partitions), nil
	}
	retained := func() (string, error) { return retention(ctx, client, topic) }
	if err := contract.Until(partitions, 2, "partitions"); err != nil {
		return err
	}
	if err := contract.Until(retained, contract.CreatedRetention, "retention.ms"); err != nil {
		return err
	}
	altered, err := client.IncrementalAlterConfigs(ctx, &kafka.IncrementalAlterConfigsRequest{
		Resources: []kafka.IncrementalAlterConfigsRequestResource{{ResourceType: kafka.ResourceTypeTopic, ResourceName: topic,
			Configs: []kafka.IncrementalAlterConfigsRequestConfig{{Name: "retention.ms", Value: contract.AlteredRetention,
				ConfigOperation: kafka.ConfigOperationSet}}}}})
	if err != nil || altered.Resources[0].Error != nil {
		return fmt.Errorf("alter: %v %v", err, altered)
	}
	if err := contract.Until(retained, contract.AlteredRetention, "retention.ms"); err != nil {
		return err
	}
	grown, err := client.CreatePartitions(ctx, &kafka.CreatePartitionsRequest{Topics: []kafka.TopicPartitionsConfig{{Name: topic, Count: 4}}})
	if err != nil || grown.Errors[topic] != nil {
		return fmt.Errorf("create partitions: %v %v", err, grown)
	}
	if err := contract.Until(partitions, 4, "partitions"); err != nil {
		return err
	}
	deleted, err := client.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{topic}})
	if err != nil || deleted.Errors[topic] != nil {
		return fmt.Errorf("delete: %v %v", err, deleted)
	}
	listed := func() (bool, error) {
		found, err := client.Metadata(ctx, &kafka.MetadataRequest{})
		if err != nil {
			return true, err
		}
		for _, each := range found.Topics {
			if each.Name == topic {
				return true, nil
			}
		}
		return false, nil
	}
	return contract.Until(listed, false, "listed after delete")
}

func main() {
	contract.Run("produce", variants, strings.Join(variants, ", ")+" (no idempotent producer in its API)", contract.Each(variants, produceOne))
	contract.Run("consume", nil, "Reader of a partition", contract.Each(variants, consumeOne))
	contract.Run("admin", nil, "create, describe, configs, alter, partitions, delete (no delete records in its API)", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
		defer cancel()
		return admin(ctx)
	})
}
