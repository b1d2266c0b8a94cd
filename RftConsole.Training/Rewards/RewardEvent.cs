using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RftConsole.Training.Rewards;

/// <summary>
/// The event that a reward function is called with: a JSON list, one object a sample, in the shape of Amazon Bedrock's
/// reward functions. The reference answer stands in two places, because published functions read either.
/// </summary>
public static class RewardEvent
{
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Serialize(IReadOnlyList<RewardSample> samples)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartArray();
            foreach (RewardSample sample in samples)
            {
                Write(writer, sample);
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, RewardSample sample)
    {
        writer.WriteStartObject();
        writer.WriteString("id", sample.Id);
        writer.WriteStartArray("messages");
        foreach (Text.ChatMessage message in sample.Messages)
        {
            message.ToJson().WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("metadata");
        WriteReferenceAnswer(writer, sample);
        foreach ((string key, JsonNode? value) in sample.Metadata)
        {
            if (key == "reference_answer" && sample.ReferenceAnswer is not null)
            {
                continue;
            }

            writer.WritePropertyName(key);
            WriteNode(writer, value);
        }

        writer.WriteEndObject();
        WriteReferenceAnswer(writer, sample);
        writer.WriteEndObject();
    }

    private static void WriteReferenceAnswer(Utf8JsonWriter writer, RewardSample sample)
    {
        if (sample.ReferenceAnswer is not null)
        {
            writer.WritePropertyName("reference_answer");
            WriteNode(writer, sample.ReferenceAnswer);
        }
    }

    private static void WriteNode(Utf8JsonWriter writer, JsonNode? node)
    {
        if (node is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            node.WriteTo(writer);
        }
    }
}
