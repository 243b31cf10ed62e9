// sarama: SyncProducer, Consumer.ConsumePartition, ClusterAdmin.
package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/IBM/sarama"
	"highwater/interop/contract"
)

var codecs = map[string]sarama.CompressionCodec{
	"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy,
	"lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD, "idempotent": sarama.CompressionLZ4,
}
var variants = []string{"none", "gzip", "snappy", "lz4", "zstd", "idempotent"}

func config() *sarama.Config {
	settings := sarama.NewConfig()
	settings.Version = sarama.MaxVersion
	settings.Producer.Return.Successes = true
	settings.Producer.RequiredAcks = sarama.WaitForAll
	settings.Producer.Partitioner = sarama.NewManualPartitioner
	return settings
}

func produceOne(variant string) error {
	settings := config()
	settings.Producer.Compression = codecs[variant]
	if variant == "idempotent" {
		settings.Producer.Idempotent = true
		settings.Net.MaxOpenRequests = 1
	}
	producer, err := sarama.NewSyncProducer([]string{contract.Bootstrap}, settings)
	if err != nil {
		return err
	}
	defer producer.Close()
	messages := make([]*sarama.ProducerMessage, contract.Records)
	for i := range messages {
		messages[i] = &sarama.ProducerMessage{Topic: contract.Topic(variant), Partition: 0,
			Key: sarama.StringEncoder(contract.Key(i)), Value: sarama.StringEncoder(contract.Value(i))}
		for _, header := range contract.Headers(i) {
			messages[i].Headers = append(messages[i].Headers, sarama.RecordHeader{Key: []byte(header.Name), Value: []byte(header.Value)})
		}
	}
	if err := producer.SendMessages(messages); err != nil {
		return err
	}
	if last := messages[contract.Records-1].Offset; last != contract.Records-1 {
		return fmt.Errorf("the last offset is %d", last)
	}
	return nil
}

func consumeOne(variant string) error {
	consumer, err := sarama.NewConsumer([]string{contract.Bootstrap}, config())
	if err != nil {
		return err
	}
	defer consumer.Close()
	topic := contract.Topic(variant)
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	if err != nil {
		return err
	}
	defer partition.Close()
	for index := 0; index < contract.Records; index++ {
		select {
		case message := <-partition.Messages():
			var headers []contract.Header
			for _, header := range message.Headers {
				headers = append(headers, contract.Header{Name: string(header.Key), Value: string(header.Value)})
			}
			if err := contract.Check(topic, index, message.Key, message.Value, headers); err != nil {
				return err
			}
		case <-time.After(20 * time.Second):
			return fmt.Errorf("nothing after %d records", index)
		}
	}
	return nil
}

func admin() error {
	administration, err := sarama.NewClusterAdmin([]string{contract.Bootstrap}, config())
	if err != nil {
		return err
	}
	defer administration.Close()
	topic, retention := contract.Topic("admin"), contract.CreatedRetention
	detail := &sarama.TopicDetail{NumPartitions: 2, ReplicationFactor: 1, ConfigEntries: map[string]*string{"retention.ms": &retention}}
	if err := administration.CreateTopic(topic, detail, false); err != nil {
		return err
	}
	partitions := func() (int, error) {
		found, err := administration.DescribeTopics([]string{topic})
		if err != nil || found[0].Err != sarama.ErrNoError {
			return 0, fmt.Errorf("describe: %v", err)
		}
		return len(found[0].Partitions), nil
	}
	retained := func() (string, error) {
		found, err := administration.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: topic})
		for _, entry := range found {
			if entry.Name == "retention.ms" {
				return entry.Value, nil
			}
		}
		return "", fmt.Errorf("no retention.ms: %v", err)
	}
	if err := contract.Until(partitions, 2, "partitions"); err != nil {
		return err
	}
	if err := contract.Until(retained, contract.CreatedRetention, "retention.ms"); err != nil {
		return err
	}
	altered := contract.AlteredRetention
	change := map[string]sarama.IncrementalAlterConfigsEntry{"retention.ms": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &altered}}
	if err := administration.IncrementalAlterConfig(sarama.TopicResource, topic, change, false); err != nil {
		return err
	}
	if err := contract.Until(retained, contract.AlteredRetention, "retention.ms"); err != nil {
		return err
	}
	if err := administration.CreatePartitions(topic, 4, nil, false); err != nil {
		return err
	}
	if err := contract.Until(partitions, 4, "partitions"); err != nil {
		return err
	}
	first := contract.Topic("none")
	if err := administration.DeleteRecords(first, map[int32]int64{0: 10}); err != nil {
		return err
	}
	starts, err := administration.ListOffsets(map[string]map[int32]int64{first: {0: sarama.OffsetOldest}}, nil)
	if err != nil || starts[first][0].Offset != 10 {
		return fmt.Errorf("start offset after delete records: %v %v", err, starts)
	}
	if err := administration.DeleteTopic(topic); err != nil {
		return err
	}
	listed := func() (bool, error) {
		found, err := administration.ListTopics()
		_, there := found[topic]
		return there, err
	}
	return contract.Until(listed, false, "listed after delete")
}

func each(work func(string) error) func() error {
	return func() error {
		for _, variant := range variants {
			if err := work(variant); err != nil {
				return fmt.Errorf("%s: %w", variant, err)
			}
		}
		return nil
	}
}

func main() {
	contract.Run("produce", variants, strings.Join(variants, ", "), each(produceOne))
	contract.Run("consume", nil, "ConsumePartition", each(consumeOne))
	contract.Run("admin", nil, "create, describe, configs, alter, partitions, delete records, delete", admin)
}
