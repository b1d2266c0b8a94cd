using System.Text;

namespace RftConsole.Training.Storage.Keys;

/// <summary>A key file of the customer's: 32 random bytes, as they are, in hexadecimal or in base64.</summary>
internal static class CustomerKeyFile
{
    private const int LongestFile = 1024;

    /// <exception cref="UserInputException">It cannot be read, or holds no key.</exception>
    public static byte[] Read(string file)
    {
        byte[] content;
        try
        {
            content = new FileInfo(file) is { Exists: true, Length: > LongestFile } tooLong ? throw NoKey(file, tooLong.Length) : File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"Key file: {file} cannot be read ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}).", e);
        }

        if (content.Length == DataKey.Size)
        {
            return content;
        }

        string text = Encoding.ASCII.GetString(content).Trim();
        byte[] decoded = new byte[DataKey.Size + 1];
        if (text.Length == 2 * DataKey.Size && text.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(text);
        }

        return Convert.TryFromBase64String(text, decoded, out int length) && length == DataKey.Size ? decoded[..length] : throw NoKey(file, content.Length);
    }

    private static UserInputException NoKey(string file, long length) =>
        new($"Key file: {file} holds {length} bytes; a key is 32 random bytes, as they are, in hexadecimal or in base64, as \"openssl rand -out FILE 32\" makes them.");
}
