using System.Buffers.Text;
using System.Text;

namespace RftConsole.Training.Rewards.Sandbox;

/// <summary>
/// Tells apart what a function printed for each sample of its batch. The worker marks where the function goes on to another sample:
/// a zero byte, "sample", a number, a zero byte. What stands before the first mark, or behind the number -1, is the batch's.
/// </summary>
internal static class SampleOutput
{
    private const int Batch = -1;

    private static ReadOnlySpan<byte> Mark => "\0sample "u8;

    /// <summary>The output of each sample, the batch's included, as much of it as is kept.</summary>
    /// <param name="output">What came through the pipe; the user's code may have written any byte of it.</param>
    /// <param name="samples">How many samples the batch has.</param>
    /// <param name="kept">Bytes to keep of each.</param>
    public static string[] Split(byte[] output, int samples, int kept)
    {
        List<(int Sample, Range Text)> parts = [];
        int current = Batch, start = 0;
        while (output.AsSpan(start).IndexOf(Mark) is >= 0 and var found)
        {
            int number = start + found + Mark.Length;
            if (Utf8Parser.TryParse(output.AsSpan(number), out int sample, out int length) && number + length < output.Length && output[number + length] == 0)
            {
                parts.Add((current, start..(start + found)));
                (current, start) = (sample, number + length + 1);
            }
            else
            {
                // The user's own bytes.
                parts.Add((current, start..number));
                start = number;
            }
        }

        parts.Add((current, start..output.Length));
        return [.. Enumerable.Range(0, samples).Select(sample => Text(output, parts.Where(part => part.Sample == sample || part.Sample < 0 || part.Sample >= samples), kept))];
    }

    private static string Text(byte[] output, IEnumerable<(int Sample, Range Text)> parts, int kept)
    {
        byte[] own = [.. parts.SelectMany(part => output[part.Text])];
        return own.Length <= kept ? Encoding.UTF8.GetString(own) : Encoding.UTF8.GetString(own, 0, kept) + $"\n… ({own.Length - kept} bytes more)";
    }
}
